"""Rows B1–B5: the order's status after the payment."""

from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from tests.e2e.desk import Desk
from tests.e2e.shop import Shop, new_id
from tests.e2e.system import SCALE, System
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.either_broker]

A_MINUTE = 60.0 * SCALE
SERIES = 10  # tries


@pytest.mark.either_engine
def test_b1_a_payment_moves_the_order_from_reserved_to_paid(shop: Shop, desk: Desk) -> None:
    order = shop.reserved_order()

    operation = shop.pay(order)

    shop.reaches(order, "paid")
    assert _moves(shop, order)[operation] == "orders"
    assert desk.about(order) == []


def test_b2_a_message_that_orders_does_not_take_is_sent_again_in_a_series_a_minute_apart(
    shop: Shop, desk: Desk
) -> None:
    order = shop.reserved_order()

    with shop.fault("orders", "unavailable"):
        operation = shop.pay(order)
        failure = desk.stored(order, "scheduled")
        assert (failure["source"], failure["operation"], failure["kind"]) == ("payments", "orders.status", "message")
        assert (failure["raw"]["queue"], failure["raw"]["messageId"]) == ("orders.status.dlq", operation)
        assert failure["remedy"]["type"] == "publish_message"
        eventually(lambda: len(desk.failure(failure["id"])["attempts"]) >= 2)
        assert shop.status(order) == "reserved"

    healed = desk.becomes(failure["id"], "resolved")
    assert min(_gaps(healed)) >= A_MINUTE
    assert shop.status(order) == "paid"
    assert _moves(shop, order)[operation] == "orders"
    assert "confirmed" in [event["action"] for event in healed["events"]]
    assert len(desk.about(order)) == 1


def test_b2_a_message_outlives_an_orders_process_that_hangs(shop: Shop, desk: Desk, system: System) -> None:
    order = shop.reserved_order()
    eventually(lambda: shop.depth("orders.status") == 0)  # it must not hang with the queue's lock in its hands

    with system.frozen("orders"):
        operation = shop.pay(order)
        failure = desk.stored(order, "scheduled")
        desk.tried(failure["id"], "returned")

    desk.becomes(failure["id"], "resolved")
    assert shop.status(order) == "paid"
    assert _moves(shop, order)[operation] == "orders"


def test_b2_after_ten_tries_without_success_the_message_goes_to_review_and_a_person_sends_it(
    shop: Shop, desk: Desk
) -> None:
    order = shop.reserved_order()

    with shop.fault("orders", "unavailable"):
        shop.pay(order)
        failure = desk.becomes(desk.stored(order)["id"], "review", within=60)
        assert [attempt["outcome"] for attempt in failure["attempts"]] == ["returned"] * SERIES
        assert min(_gaps(failure)) >= A_MINUTE
        assert median(_gaps(failure)) < 1.5 * A_MINUTE
        assert f"All {SERIES} tries are used up" in failure["reason"]

    desk.act(failure["id"], "retry", reason="Orders is back.")
    assert len(desk.becomes(failure["id"], "resolved")["attempts"]) == SERIES + 1
    assert shop.status(order) == "paid"
    assert len(desk.about(order)) == 1


def test_b3_a_delivered_message_is_written_once_however_often_it_comes(shop: Shop, desk: Desk) -> None:
    order = shop.reserved_order()

    operation = shop.pay(order)
    shop.reaches(order, "paid")
    repeated = {"operationId": operation, "orderId": order, "from": "reserved", "to": "paid"}
    shop.publish("orders.status", repeated, message_id=operation)

    eventually(lambda: shop.depth("orders.status") == 0)
    assert shop.status(order) == "paid"
    assert _moves(shop, order)[operation] == "orders"
    assert desk.about(order) == []


@pytest.mark.either_engine
def test_b4_a_status_that_orders_could_not_write_is_written_by_the_desk(shop: Shop, desk: Desk) -> None:
    order = shop.reserved_order()

    with shop.fault("orders", "db_write_fails"):
        operation = shop.pay(order)
        failure = desk.stored(order)
        assert (failure["source"], failure["kind"]) == ("orders", "db_write")
        assert failure["remedy"] == {
            "type": "order_status", "operationId": operation, "orderId": order, "from": "reserved", "to": "paid",
        }
        desk.tried(failure["id"])
        assert shop.status(order) == "reserved"

    healed = desk.becomes(failure["id"], "resolved")
    assert healed["attempts"][-1]["outcome"] == "applied"
    assert shop.status(order) == "paid"
    assert _moves(shop, order)[operation] == "desk"


def test_b5_staff_search_for_a_lost_order_and_send_the_payment_to_the_one_they_find(shop: Shop, desk: Desk) -> None:
    client, amount = new_id("client"), 1250.5
    order = shop.reserved_order(clientId=client, amount=amount)
    mistyped = order[:-1] + ("0" if order[-1] != "0" else "1")

    operation = shop.pay(mistyped, amount, clientId=client)

    failure = desk.stored(mistyped, "review")
    assert (failure["source"], failure["attempts"]) == ("orders", [])
    best = desk.get(f"/failures/{failure['id']}/candidates")["items"][0]
    assert best["orderId"] == order and best["why"]
    assert best["order"]["status"] == "reserved"
    corrected = {**failure["remedy"], "orderId": best["orderId"]}
    preview = desk.call("POST", f"/failures/{failure['id']}/preview", {"remedy": corrected}).body
    assert preview["outcome"] == "would_apply"
    assert shop.status(order) == "reserved"
    desk.act(failure["id"], "retry", remedy=corrected, reason="A mistyped order number: same client, same amount.")

    assert desk.becomes(failure["id"], "resolved")["attempts"][-1]["outcome"] == "applied"
    assert shop.status(order) == "paid"
    assert _moves(shop, order)[operation] == "desk"
    assert shop.status(mistyped) is None


def _moves(shop: Shop, order_id: str) -> dict[str, str]:
    """Return who applied each operation on an order."""
    return {each["operation_id"]: each["applied_by"] for each in shop.operations("orders", order_id)}


def _gaps(failure: dict[str, Any]) -> list[float]:
    """Return the seconds from each attempt's start to the next one's."""
    starts = [_moment(attempt["startedAt"]) for attempt in failure["attempts"]]
    return [(after - before).total_seconds() for before, after in pairwise(starts)]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
