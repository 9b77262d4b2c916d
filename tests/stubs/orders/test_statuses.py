"""Flow B from the orders' side: a status message is applied once, forwards, or reported."""

import json

import pytest

from messaging import STATUS, newest_death
from stubs.common import operations
from tests.stubs.helpers import eventually
from tests.stubs.orders.orders_shop import change, place, publish, reports, status, status_of_row, writes_failing


def test_b1_b3_a_status_message_is_applied_with_its_marker(shop):
    place(shop)
    publish(shop, change())
    publish(shop, change("reserved", "paid", "payment-1", amount=999.5))
    with shop.running("orders"):
        eventually(lambda: status(shop) == "paid")
    with shop.store("orders").read() as session:
        applied = {row["operationId"]: row["effect"] for row in operations.all_applied(session)}
    assert applied["payment-1"] == {"from": "reserved", "to": "paid"}


def test_b2_while_orders_is_down_the_message_expires_to_the_dead_letter_queue(shop):
    place(shop)
    shop.client("orders").put("/_faults", json={"mode": "unavailable"})
    publish(shop, change())
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(f"{STATUS}.dlq") == 1)
    [message] = shop.broker().peek(f"{STATUS}.dlq", 10)
    assert newest_death(message.headers).reason == "expired"
    assert status_of_row(shop) == "placed"
    assert shop.client("orders").get("/_faults").get_json()["hits"] == 0, "the consumer was to be cancelled"


def test_b4_a_status_that_cannot_be_written_is_reported_with_its_remedy(shop):
    place(shop)
    with shop.running("orders"), writes_failing(shop):
        publish(shop, change())
        [report] = eventually(lambda: reports(shop))
        eventually(lambda: shop.broker().depth(STATUS) == 0)
        assert shop.client("orders").get("/_faults").get_json()["hits"] == 1
    assert report["kind"] == "db_write"
    assert report["operation"] == "order.status"
    assert report["remedy"] == {"type": "order_status", **change()}
    assert "review" not in report
    assert status(shop) == "placed"


def test_b5_a_lost_order_is_reported_for_review_with_all_that_is_known(shop):
    shop.build("orders")
    lost = change("reserved", "paid", "payment-1", "lost", amount=12.5, clientId="17850")
    publish(shop, lost)
    with shop.running("orders"):
        [report] = eventually(lambda: reports(shop))
    assert report["review"] is True
    assert (report["orderId"], report["clientId"]) == ("lost", "17850")
    assert report["payload"] == lost
    assert report["remedy"]["type"] == "order_status"


def test_the_same_message_twice_is_applied_once(shop):
    place(shop)
    publish(shop, change())
    publish(shop, change())
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert status(shop) == "reserved"
    assert reports(shop) == []


def test_a_late_message_never_moves_the_status_backwards(shop):
    place(shop)
    publish(shop, change("placed", "paid", "one"))
    publish(shop, change("placed", "reserved", "late"))
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert status(shop) == "paid"


def test_a_message_that_is_too_early_is_redelivered_until_its_time_has_come(shop):
    place(shop)
    publish(shop, change("reserved", "paid", "early"))
    with shop.running("orders"):
        publish(shop, change())
        eventually(lambda: status(shop) == "paid")
    assert reports(shop) == []


def test_a_message_that_stays_too_early_is_reported_with_its_remedy_before_it_would_die(shop):
    place(shop)
    publish(shop, change("reserved", "paid", "early"))
    with shop.running("orders"):
        [report] = eventually(lambda: reports(shop))
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert report["error"]["type"] == "OrderNotReady"
    assert "review" not in report
    assert shop.broker().depth(f"{STATUS}.dlq") == 0


def test_a_cancelled_order_stays_cancelled_and_a_person_is_told(shop):
    place(shop)
    publish(shop, change("placed", "cancelled", "stop"))
    with shop.running("orders"):
        eventually(lambda: status(shop) == "cancelled")
        publish(shop, change())
        [report] = eventually(lambda: reports(shop))
    assert report["review"] is True
    assert status(shop) == "cancelled"


@pytest.mark.parametrize("body", [
    b"", b"{", b"\xff\xfe", b"null", b"[]", b"{}", b"[" * 100_000,
    change(after="odd"), change(before="cancelled"), change(order=5), change(operation=""), change(order="a/../b"),
])
def test_a_malformed_message_goes_straight_to_the_dead_letter_queue_byte_for_byte(shop, body):
    shop.build("orders")
    publish(shop, body, message_id="odd")
    with shop.running("orders"):
        [message] = eventually(lambda: shop.broker().peek(f"{STATUS}.dlq", 10))
    assert message.body == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert newest_death(message.headers).reason == "rejected"


@pytest.mark.parametrize("mode, reason", [("error", "delivery_limit"), ("reject", "rejected")])
def test_messages_meet_the_fault_as_calls_do(shop, mode, reason):
    place(shop)
    shop.client("orders").put("/_faults", json={"mode": mode})
    publish(shop, change())
    with shop.running("orders"):
        [message] = eventually(lambda: shop.broker().peek(f"{STATUS}.dlq", 10))
    assert newest_death(message.headers).reason == reason
    hits = shop.client("orders").get("/_faults").get_json()["hits"]
    assert hits == (5 if mode == "error" else 1)
    assert status_of_row(shop) == "placed"
