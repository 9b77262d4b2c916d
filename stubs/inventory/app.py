"""The inventory's API, and the threads beside it."""

from typing import Annotated

from flask import Response, jsonify, request
from pydantic import Field
from werkzeug.exceptions import NotFound

from storage import create_missing, upsert
from stubs.common import faults, outbox
from stubs.common.context import Context, Stub
from stubs.common.web import make_app, problem, read
from stubs.common.wire import Body, Text, path_identifier
from stubs.inventory import breaker, records
from stubs.inventory.asking import ANY, ask
from stubs.inventory.breaker import Breaker
from stubs.inventory.reserving import ReservingConsumer
from stubs.inventory.shipping import ShippingLoop


class Stock(Body):
    """The body of `PUT /v1/stock/{productId}`."""

    available: Annotated[int, Field(ge=0, le=1_000_000_000)]


class Again(Body):
    """The body of `POST …/ship`."""

    shipping_address: Text | None = None


def build(context: Context) -> Stub:
    """Create the tables, the routes and the threads."""
    for metadata in (faults.metadata, outbox.metadata, breaker.metadata):
        create_missing(context.store, metadata)
    create_missing(context.store, records.metadata, *faults.triggers(
        context.store, "INSERT ON reservations", "INSERT ON stock", "UPDATE ON stock"))
    app = make_app(context)
    gate = Breaker(context.store, context.scale)

    @app.get("/v1/reservations/<order_id>")
    def get_reservation(order_id: str) -> Response:
        with context.store.read() as session:
            row = records.find(session, order_id)
        if row is None:
            raise NotFound(f"order {order_id} has no reservation")
        return jsonify(orderId=order_id, clientId=row.client_id, status=row.status, items=row._mapping["items"],
                       shippingAddress=row.shipping_address)

    @app.post("/v1/reservations/<order_id>/ship")
    def ship(order_id: str) -> Response:
        asked = read(Again) if request.get_data() else Again()
        return _ship(context, order_id, asked.shipping_address)

    @app.get("/v1/stock/<product_id>")
    def get_stock(product_id: str) -> Response:
        with context.store.read() as session:
            number = records.available(session, product_id)
        if number is None:
            raise NotFound(f"product {product_id} is unknown")
        return jsonify(productId=product_id, available=number)

    @app.put("/v1/stock/<product_id>")
    def put_stock(product_id: str) -> Response:
        number = read(Stock).available
        with context.store.write() as session:
            upsert(session, records.stock, {"product_id": path_identifier(product_id), "available": number})
        return jsonify(productId=product_id, available=number)

    @app.get("/_breaker")
    def get_breaker() -> Response:
        return jsonify(gate.shown())

    @app.get("/_outbox")
    def pending() -> Response:
        return jsonify(unpublished=outbox.unpublished(context.store))

    relay = outbox.Relay(context.store, context.broker, context.scale)
    return Stub(app, [relay.run, ReservingConsumer(context).run, ShippingLoop(context, gate).run])


def _ship(context: Context, order_id: str, address: str | None) -> Response:
    with context.store.write() as session:
        if address is not None:
            records.change(session, order_id, ANY, shipping_address=address)
        row = records.find(session, order_id)
    if row is None:
        raise NotFound(f"order {order_id} has no reservation")
    if row.status == records.SHIPPING:
        return jsonify(orderId=order_id, status=row.status)
    # A person asks: past the breaker, and once, for the desk has retries of its own.
    answer = ask(context, order_id, row.shipping_address)
    if answer.status != 200:
        return problem(answer.status, answer.error)
    with context.store.write() as session:
        records.change(session, order_id, ANY, status=records.SHIPPING, send_at=None)
    return jsonify(orderId=order_id, status=records.SHIPPING)
