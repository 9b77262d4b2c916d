"""An administrator sends dead letters again, many at once."""

import pytest

from tests.e2e.desk import Desk
from tests.e2e.shop import PLENTY, Shop
from tests.e2e.system import System
from tests.e2e.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.either_broker]

DEAD = "inventory.order-created.dlq"
ORDERS = 8


def test_dead_letters_are_replayed_at_a_rate_and_the_replay_survives_its_worker(
    shop: Shop, desk: Desk, system: System
) -> None:
    goods = shop.goods()
    with shop.fault("inventory", "error"):
        orders = [shop.order(goods) for _ in range(ORDERS)]
        ids = [desk.stored(order, "review")["id"] for order in orders]

    started = desk.call(
        "POST", f"/queues/{DEAD}/replay", {"ids": ids, "ratePerSecond": 5, "reason": "Inventory works again."})
    assert started.status == 202
    bulk = f"/bulk/{started.body['id']}"
    eventually(lambda: desk.get(bulk)["succeeded"])
    system.kill("worker")

    eventually(lambda: desk.get(bulk)["status"] == "done", within=60)
    progress = desk.get(bulk)
    assert (progress["succeeded"], progress["pending"]) == (ORDERS, 0)
    for order, failure_id in zip(orders, ids, strict=True):
        desk.becomes(failure_id, "resolved")
        shop.reaches(order, "reserved")
    assert shop.goods_left(goods) == PLENTY - ORDERS


def test_a_replay_of_what_cannot_be_read_goes_back_to_review(shop: Shop, desk: Desk) -> None:
    order = shop.order(shop.goods())
    shop.reaches(order, "reserved")
    shop.publish("inventory.order-created", {"orderId": order, "items": "none"})
    failure = desk.stored(order, "review")

    started = desk.call("POST", f"/queues/{DEAD}/replay", {"ids": [failure["id"]], "reason": "Perhaps it works now."})
    assert started.status == 202

    eventually(lambda: [attempt["outcome"] for attempt in desk.failure(failure["id"])["attempts"]] == ["returned"])
    assert desk.failure(failure["id"])["status"] == "review"
    assert len(desk.about(order)) == 1
    desk.act(failure["id"], "discard", reason="A test of ours.")
