"""A payment becomes a message."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from messaging import STATUS
from tests.stubs.helpers import eventually
from tests.stubs.orders.orders_shop import place


def test_a_payment_becomes_a_message_and_moves_the_order(shop):
    place(shop)
    with shop.store("orders").write() as session:
        session.execute(text("UPDATE orders SET status = 'reserved'"))
    before = datetime.now(UTC) - timedelta(seconds=1)
    paid = shop.client("payments").post("/v1/payments", json={"orderId": "536365", "amount": 999.5})
    assert paid.status_code == 202
    with shop.running("payments"):
        [message] = eventually(lambda: shop.broker().peek(STATUS, 10))
    body = json.loads(message.body)
    assert message.message_id == body["operationId"]
    assert datetime.fromisoformat(body["paidAt"]) > before
    assert (body["orderId"], body["from"], body["to"], body["amount"]) == ("536365", "reserved", "paid", 999.5)


def test_a_payment_that_cannot_be_written_is_500_and_sends_nothing(shop):
    client = shop.client("payments")
    client.put("/_faults", json={"mode": "db_write_fails"})
    assert client.post("/v1/payments", json={"orderId": "1", "amount": 1}).status_code == 500
    assert client.get("/_outbox").get_json() == {"unpublished": 0}


@pytest.mark.parametrize("body", [
    {}, {"orderId": "1"}, {"orderId": "1", "amount": "5"}, {"orderId": "1", "amount": -1},
])
def test_a_malformed_payment_is_400(shop, body):
    assert shop.client("payments").post("/v1/payments", json=body).status_code == 400
