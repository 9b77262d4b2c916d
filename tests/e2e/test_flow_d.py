"""Rows D1–D6: OrderCreated goes from Orders to Inventory."""

import base64
from typing import Any

import pytest

from tests.e2e.desk import Desk, Failure
from tests.e2e.shop import PLENTY, Shop, new_id
from tests.e2e.system import System
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

CREATED = "inventory.order-created"
DELIVERIES = 5


@pytest.mark.either_broker
@pytest.mark.either_engine
def test_d1_a_created_order_is_reserved(shop: Shop, desk: Desk) -> None:
    goods = shop.goods()

    order = shop.order(goods, quantity=3)

    shop.reaches(order, "reserved")
    assert shop.goods_left(goods) == PLENTY - 3
    assert desk.about(order) == []


@pytest.mark.either_broker
def test_d2_while_the_queue_is_away_orders_keeps_the_event_and_publishes_it_afterwards(
    shop: Shop, desk: Desk, system: System
) -> None:
    goods = shop.goods()

    with system.queue_away():
        order = shop.order(goods)
        eventually(lambda: "cannot be published" in system.log("orders"))
        assert _unpublished(shop) >= 1
        system.kill("orders")
        assert (shop.status(order), shop.reservation(order)) == ("placed", {})
        unknown = new_id("order")
        assert shop.call("POST", "warehouse-1", "/warehouse/v1/order/products", _addition(unknown)).status == 404
        desk.stored(unknown, "review")  # what is reported over HTTP needs no queue

    shop.reaches(order, "reserved")
    assert shop.goods_left(goods) == PLENTY - 1
    eventually(lambda: system.is_up() and _unpublished(shop) == 0)


@pytest.mark.either_broker
@pytest.mark.parametrize("queue", [CREATED, "orders.status"])
@pytest.mark.parametrize("body", [b'\xff\xfe{"orderId": \x00', b'{"orderId": 536365, "items": "none" }', b""])
def test_d3_a_malformed_message_is_kept_byte_for_byte_in_review(
    shop: Shop, desk: Desk, queue: str, body: bytes
) -> None:
    message_id = new_id("malformed")

    shop.publish(queue, body, message_id, colour="зелёный")

    failure = eventually(lambda: _dead_letter(desk, queue, message_id))
    assert failure["status"] == "review"
    assert base64.b64decode(failure["raw"]["bodyBase64"]) == body
    assert (failure["raw"]["queue"], failure["raw"]["headers"]["colour"]) == (f"{queue}.dlq", "зелёный")
    death = failure["raw"]["headers"]["x-death"][0]
    assert (death["reason"], death["count"]) == ("rejected", 1)
    assert (failure["attempts"], failure["nextAttemptAt"]) == ([], None)
    assert shop.depth(queue) == 0
    desk.act(failure["id"], "discard", reason="A test of ours.")


@pytest.mark.either_broker
@pytest.mark.either_engine
def test_d4_too_little_in_stock_goes_to_review_and_is_sent_again_after_restocking(shop: Shop, desk: Desk) -> None:
    goods = shop.goods(available=2)

    order = shop.order(goods, quantity=5)

    failure = desk.stored(order, "review")
    assert (failure["source"], failure["kind"]) == ("inventory", "message")
    assert "5 needed, 2 available" in failure["error"]["message"]
    assert failure["attempts"] == []
    assert (shop.goods_left(goods), shop.reservation(order), shop.status(order)) == (2, {}, "placed")
    desk.act(failure["id"], "retry", reason="Perhaps there is more now?")
    eventually(lambda: [attempt["outcome"] for attempt in desk.becomes(failure["id"], "review")["attempts"]]
               == ["returned"])
    shop.put("inventory", f"/v1/stock/{goods}", available=7)
    desk.act(failure["id"], "retry", reason="Restocked.")

    desk.becomes(failure["id"], "resolved")
    assert shop.goods_left(goods) == 2
    shop.ships(order)
    shop.reaches(order, "reserved")
    assert len(desk.about(order)) == 1


@pytest.mark.either_broker
@pytest.mark.parametrize("mode", ["error", "db_write_fails"])
def test_d5_after_five_deliveries_the_message_goes_to_the_dead_letter_queue(
    shop: Shop, desk: Desk, mode: str
) -> None:
    goods = shop.goods()

    with shop.fault("inventory", mode):
        order = shop.order(goods)
        failure = desk.stored(order, "review")
        assert shop.hits("inventory") == DELIVERIES
        assert failure["raw"]["headers"]["x-death"][0]["reason"] == "delivery_limit"
        assert shop.reservation(order) == {}

    desk.act(failure["id"], "retry", reason="Inventory works again.")
    desk.becomes(failure["id"], "resolved")
    assert shop.goods_left(goods) == PLENTY - 1
    shop.reaches(order, "reserved")
    assert len(desk.about(order)) == 1


@pytest.mark.either_broker
def test_d5_a_message_waits_for_an_inventory_that_is_away(shop: Shop, desk: Desk) -> None:
    goods = shop.goods()

    with shop.fault("inventory", "unavailable"):
        order = shop.order(goods)
        eventually(lambda: shop.depth(CREATED) == 1)

    shop.reaches(order, "reserved")
    assert shop.goods_left(goods) == PLENTY - 1
    assert desk.about(order) == []


@pytest.mark.parametrize("same_id", [True, False])
def test_d6_an_event_that_arrives_twice_reserves_once(shop: Shop, desk: Desk, same_id: bool) -> None:
    goods, order, event_id = shop.goods(), new_id("order"), new_id("event")
    event = {"eventId": event_id, "orderId": order, "clientId": "17850", "shippingAddress": "Казань, Баумана, 3",
             "items": [{"productId": goods, "quantity": 2}]}

    for number in range(3):
        shop.publish(CREATED, event, event_id if same_id else f"{event_id}-{number}")

    eventually(lambda: shop.depth(CREATED) == 0)
    assert shop.goods_left(goods) == PLENTY - 2
    assert shop.reservation(order)["event_id"] == event_id
    shop.ships(order)


def _dead_letter(desk: Desk, queue: str, message_id: str) -> Failure | None:
    for item in desk.get(f"/failures?operation={queue}&kind=message&limit=20")["items"]:
        failure = desk.failure(item["id"])
        if failure["raw"] and failure["raw"]["messageId"] == message_id:
            return failure
    return None


def _unpublished(shop: Shop) -> int:
    return shop.call("GET", "orders", "/_outbox").body["unpublished"]


def _addition(order_id: str) -> dict[str, Any]:
    return {"orderId": order_id, "clientId": "17850", "productId": new_id("unknown"), "orderDate": "2026-11-22",
            "status": "placed"}
