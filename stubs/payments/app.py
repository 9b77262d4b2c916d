"""The payments' API: every payment succeeds, and becomes a message."""

from datetime import UTC, datetime
from uuid import uuid4

from flask import Response, jsonify
from sqlalchemy import Column, MetaData, Numeric, String, Table, insert

from messaging import STATUS
from storage import UtcDateTime, create_missing
from stubs.common import faults, outbox
from stubs.common.context import Context, Stub
from stubs.common.web import make_app, read
from stubs.common.wire import Amount, Body, Identifier

metadata = MetaData()

payments = Table(
    "payments", metadata,
    Column("payment_id", String(64), primary_key=True),
    Column("order_id", String(255), nullable=False),
    Column("client_id", String(255)),
    Column("amount", Numeric(14, 2, asdecimal=False), nullable=False),
    Column("paid_at", UtcDateTime, nullable=False),
)


class Payment(Body):
    """The body of `POST /v1/payments`."""

    order_id: Identifier
    amount: Amount
    client_id: Identifier | None = None


def build(context: Context) -> Stub:
    """Create the tables, the routes and the relay."""
    for needed in (faults.metadata, outbox.metadata):
        create_missing(context.store, needed)
    create_missing(context.store, metadata, *faults.triggers(context.store, "INSERT ON payments"))
    app = make_app(context)

    @app.post("/v1/payments")
    def pay() -> Response:
        answer = jsonify(_pay(context, read(Payment)))
        answer.status_code = 202
        return answer

    @app.get("/_outbox")
    def pending() -> Response:
        return jsonify(unpublished=outbox.unpublished(context.store))

    return Stub(app, [outbox.Relay(context.store, context.broker, context.scale).run])


def _pay(context: Context, payment: Payment) -> dict[str, object]:
    paid_at, payment_id = datetime.now(UTC), str(uuid4())
    message = {
        "operationId": f"payment-{payment_id}", "orderId": payment.order_id, "from": "reserved", "to": "paid",
        "amount": payment.amount, "paidAt": paid_at.isoformat().replace("+00:00", "Z"),
    }
    if payment.client_id is not None:
        message["clientId"] = payment.client_id  # helps people to find the order, should it be lost
    with context.store.write() as session:
        session.execute(insert(payments).values(
            payment_id=payment_id, order_id=payment.order_id, client_id=payment.client_id,
            amount=payment.amount, paid_at=paid_at))
        outbox.add_event(session, STATUS, str(message["operationId"]), message)
    return {"paymentId": payment_id, **message}
