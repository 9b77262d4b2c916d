"""The orders' API, and the threads beside it."""

from typing import Annotated, Any
from uuid import uuid4

from flask import Response, jsonify, request
from pydantic import Field
from sqlalchemy import Row
from werkzeug.exceptions import Conflict, NotFound

from messaging import ORDER_CREATED
from storage import create_missing
from stubs.common import faults, operations, outbox
from stubs.common.context import Context, Stub
from stubs.common.web import make_app, problem, read
from stubs.common.wire import Amount, Body, Identifier, Item, Text, dump, path_identifier
from stubs.orders import records
from stubs.orders.adding import Adding, NewProduct
from stubs.orders.statuses import StatusConsumer

LATER = (
    "Склад сейчас недоступен. Пожалуйста, добавьте товар позднее. "
    "/ The warehouse cannot be reached now. Please add the product later."
)
MESSAGES = {200: "The product was added", 202: "Accepted, but there is not enough in stock"}


class NewOrder(Body):
    """The body of `POST /v1/orders`."""

    client_id: Identifier
    items: Annotated[list[Item], Field(min_length=1, max_length=1000)]
    shipping_address: Text | None = None
    amount: Amount | None = None
    order_id: Identifier = Field(default_factory=lambda: str(uuid4()))

    @property
    def total(self) -> float | None:
        """Return the amount as given, or as the prices add up; None when a price is missing."""
        if self.amount is not None:
            return self.amount
        prices = [item.price * item.quantity for item in self.items if item.price is not None]
        return round(sum(prices), 2) if len(prices) == len(self.items) else None


def build(context: Context) -> Stub:
    """Create the tables, the routes and the threads."""
    for metadata in (faults.metadata, operations.metadata, outbox.metadata):
        create_missing(context.store, metadata)
    create_missing(context.store, records.metadata, *faults.triggers(context.store, "UPDATE OF status ON orders"))
    app = make_app(context)

    @app.post("/v1/orders")
    def create_order() -> Response:
        return _create(context, read(NewOrder))

    @app.get("/v1/orders/<order_id>")
    def get_order(order_id: str) -> Response:
        with context.store.read() as session:
            row = records.find(session, order_id)
        if row is None:
            raise NotFound(f"order {order_id} is unknown")
        return jsonify(_shown(row))

    @app.post("/v1/orders/<order_id>/products")
    def add_product(order_id: str) -> Response:
        product = read(NewProduct)
        answer = Adding(context, request.headers.get("traceparent")).add(path_identifier(order_id), product)
        if answer is None:
            return problem(500, LATER)
        if answer.status >= 400:
            return problem(answer.status, answer.error)
        shown = jsonify(orderId=order_id, productId=product.product_id, message=MESSAGES[answer.status])
        shown.status_code = answer.status
        return shown

    @app.get("/_outbox")
    def pending() -> Response:
        return jsonify(unpublished=outbox.unpublished(context.store))

    relay = outbox.Relay(context.store, context.broker, context.scale)
    return Stub(app, [relay.run, StatusConsumer(context).run])


def _create(context: Context, order: NewOrder) -> Response:
    items = [dump(item) for item in order.items]
    address = order.shipping_address or ""
    event_id = str(uuid4())
    event = {
        "eventId": event_id, "orderId": order.order_id, "clientId": order.client_id,
        "shippingAddress": address, "items": items,
    }
    with context.store.write() as session:
        created = records.insert(
            session, order.order_id, order.client_id, "placed",
            items=items, shipping_address=address, amount=order.total)
        if created:
            outbox.add_event(session, ORDER_CREATED, event_id, event)
        row = records.find(session, order.order_id)
    assert row is not None
    if not created and (row.client_id, row.shipping_address) != (order.client_id, address):
        raise Conflict(f"order {order.order_id} is another one")
    answer = jsonify(_shown(row))
    answer.status_code = 201 if created else 200
    return answer


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "orderId": row.order_id, "clientId": row.client_id, "status": row.status, "items": row._mapping["items"],
        "shippingAddress": row.shipping_address, "amount": row.amount,
        "createdAt": row.created_at.isoformat(), "updatedAt": row.updated_at.isoformat(),
    }
