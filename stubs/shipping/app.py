"""The shipping API, to the letter of its OpenAPI: every error is `{"error": …}`."""

import json
from datetime import UTC, datetime

from flask import Response, jsonify, request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, MetaData, String, Table, select
from werkzeug.exceptions import BadRequest, NotFound

from storage import UtcDateTime, create_missing, insert_if_absent
from stubs.common import faults
from stubs.common.context import Context, Stub
from stubs.common.web import make_app
from stubs.common.wire import Body, Identifier, Text, parse

WORDS = {
    500: "Internal Server Error", 503: "Shipping service temporarily unavailable", 504: "Gateway Timeout",
}

metadata = MetaData()

shipments = Table(
    "shipments", metadata,
    Column("order_id", String(255), primary_key=True),
    Column("shipping_address", String(2000), nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)


class Request(Body):
    """The body of `POST /prepare-shipping`, before it is judged."""

    order_id: object = None
    shipping_address: object = None


def build(context: Context) -> Stub:
    """Create the table and the routes."""
    create_missing(context.store, faults.metadata)
    create_missing(context.store, metadata, *faults.triggers(context.store, "INSERT ON shipments"))
    app = make_app(context, _failed)

    @app.post("/prepare-shipping")
    def prepare() -> Response:
        order_id, address = _judged(request.get_data())
        row = {"order_id": order_id, "shipping_address": address, "status": "preparing",
               "created_at": datetime.now(UTC)}
        with context.store.write() as session:
            # The first call makes the shipment; a repeat of it, by whomever, changes nothing.
            insert_if_absent(session, shipments, row)
        return jsonify(orderId=order_id, status="preparing")

    @app.get("/v1/shipments/<order_id>")
    def get_shipment(order_id: str) -> Response:
        with context.store.read() as session:
            row = session.execute(select(shipments).where(shipments.c.order_id == order_id)).first()
        if row is None:
            raise NotFound(f"order {order_id} has no shipment")
        return jsonify(orderId=order_id, shippingAddress=row.shipping_address, status=row.status)

    return Stub(app)


def _judged(body: bytes) -> tuple[str, str]:
    try:
        asked = parse(Request, body)
        order_id = _identifier.validate_python(asked.order_id)
    except (ValueError, ValidationError) as error:
        raise BadRequest("Invalid order data") from error
    try:
        address = _text.validate_python(asked.shipping_address)
    except ValidationError as error:
        raise BadRequest("Invalid shipping address") from error
    if not any(character.isalnum() for character in address):
        raise BadRequest("Invalid shipping address")
    return order_id, address


_identifier: TypeAdapter[str] = TypeAdapter(Identifier)
_text: TypeAdapter[str] = TypeAdapter(Text)


def _failed(status: int, detail: str) -> Response:
    body = json.dumps({"error": WORDS.get(status, detail)}, ensure_ascii=False)
    return Response(body, status, mimetype="application/json")
