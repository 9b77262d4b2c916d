"""Flow D from the inventory's side: an OrderCreated is reserved once, or told to a person."""

import json

import pytest

from messaging import FAILURE_ATTEMPT, FAILURE_ID, ORDER_CREATED, STATUS, newest_death
from stubs.inventory import records
from tests.stubs.helpers import eventually
from tests.stubs.inventory.inventory_shop import (
    ADDRESS,
    confirmations,
    event,
    publish,
    put_stock,
    reports,
    status,
    stock,
)


def test_d1_c1_an_order_is_reserved_told_to_orders_and_shipped(shop):
    put_stock(shop)
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")
        assert shop.call("GET", "shipping", "/v1/shipments/536365").body["shippingAddress"] == ADDRESS
        [message] = eventually(lambda: shop.broker().peek(f"{STATUS}.dlq", 10) or shop.broker().peek(STATUS, 10))
    told = json.loads(message.body)
    assert told == {"operationId": "reserve-536365", "orderId": "536365", "clientId": "17850",
                    "from": "placed", "to": "reserved"}
    assert message.message_id == "reserve-536365"
    assert stock(shop) == 98


@pytest.mark.parametrize("body", [
    b"", b"{", b"\xff", b"[]", event(items=[]), event(items=[{"productId": "kitchen", "quantity": -1}]),
    event(clientId=None), event(eventId=5), event(shippingAddress=5), event(order="a/b"),
])
def test_d3_an_invalid_message_goes_straight_to_the_dead_letter_queue(shop, body):
    put_stock(shop)
    publish(shop, body)
    with shop.running("inventory"):
        [message] = eventually(lambda: shop.broker().peek(f"{ORDER_CREATED}.dlq", 10))
    assert message.body == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert newest_death(message.headers).reason == "rejected"
    assert stock(shop) == 100


def test_d4_too_few_are_reported_for_review_and_never_redelivered(shop):
    put_stock(shop, 1)
    publish(shop, event())
    with shop.running("inventory"):
        [report] = eventually(lambda: reports(shop))
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 0)
    assert (report["kind"], report["review"], report["orderId"]) == ("message", True, "536365")
    assert "2 needed, 1 available" in report["error"]["message"]
    assert report["remedy"]["body"] == event()
    assert stock(shop) == 1
    assert shop.broker().depth(f"{ORDER_CREATED}.dlq") == 0


def test_d4_the_same_event_reserves_after_restocking_and_is_confirmed(shop):
    put_stock(shop, 1)
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: reports(shop))
        put_stock(shop, 10)
        publish(shop, event(), headers={FAILURE_ID: "0198", FAILURE_ATTEMPT: 1})
        eventually(lambda: status(shop) == "shipping")
        eventually(lambda: len(confirmations(shop)) == 1)
    assert stock(shop) == 8


def test_d4_a_replay_that_finds_too_few_again_goes_back_to_its_case_and_is_never_confirmed(shop):
    put_stock(shop, 1)
    publish(shop, event())
    with shop.running("inventory"):
        eventually(lambda: reports(shop))
        publish(shop, event(), headers={FAILURE_ID: "0198", FAILURE_ATTEMPT: 1})
        eventually(lambda: shop.broker().depth(f"{ORDER_CREATED}.dlq") == 1)
    [message] = shop.broker().peek(f"{ORDER_CREATED}.dlq", 1)
    assert (message.headers[FAILURE_ID], message.headers[FAILURE_ATTEMPT]) == ("0198", 1)
    assert len(reports(shop)) == 1 and confirmations(shop) == []
    assert stock(shop) == 1


def test_d5_a_failing_write_is_redelivered_five_times_and_then_dead_lettered(shop):
    put_stock(shop)
    shop.client("inventory").put("/_faults", json={"mode": "db_write_fails"})
    publish(shop, event())
    with shop.running("inventory"):
        [message] = eventually(lambda: shop.broker().peek(f"{ORDER_CREATED}.dlq", 10))
    assert newest_death(message.headers).reason == "delivery_limit"
    assert shop.client("inventory").get("/_faults").get_json()["hits"] == 5
    assert stock(shop) == 100
    assert reports(shop) == []


def test_d5_a_passing_failure_heals_by_itself(shop):
    put_stock(shop)
    shop.client("inventory").put("/_faults", json={"mode": "db_write_fails", "forSeconds": 0.03})
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")


def test_d6_the_same_event_twice_is_one_reservation(shop):
    put_stock(shop)
    for _ in range(3):
        publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 0)
    assert stock(shop) == 98
    assert shop.client("inventory").get("/_outbox").get_json() == {"unpublished": 0}


def test_d6_a_repeat_that_would_find_too_few_is_a_repeat_all_the_same(shop):
    put_stock(shop, 2)
    for _ in range(2):
        publish(shop, event())
    with shop.running("inventory"):
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 0)
    assert stock(shop) == 0
    assert reports(shop) == []


def test_d6_of_two_at_once_only_one_reserves(shop):
    put_stock(shop)
    row = {"order_id": "536365", "client_id": "1", "event_id": "1", "shipping_address": "", "items": []}
    with shop.store("inventory").write() as session:
        assert [records.reserve(session, row, {"kitchen": 2}, 0.0) for _ in range(2)] == [True, False]
    assert stock(shop) == 98


def test_while_inventory_is_down_nothing_is_taken_and_nothing_is_lost(shop):
    put_stock(shop)
    shop.client("inventory").put("/_faults", json={"mode": "unavailable"})
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        assert shop.call("GET", "inventory", "/v1/stock/kitchen").status == 503
        assert shop.broker().depth(ORDER_CREATED) == 1
        shop.client("inventory").delete("/_faults")
        eventually(lambda: status(shop) == "shipping")


def test_a_product_named_twice_is_taken_as_one_sum(shop):
    put_stock(shop, 3)
    publish(shop, event(items=[{"productId": "kitchen", "quantity": 2}] * 2))
    with shop.running("inventory"):
        [report] = eventually(lambda: reports(shop))
    assert "4 needed, 3 available" in report["error"]["message"]
