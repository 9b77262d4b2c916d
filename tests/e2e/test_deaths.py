"""Processes killed with SIGKILL in the middle of their work: nothing is lost, nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from stubs.common.calls import Answer, Unreachable
from stubs.common.settings import PORTS
from tests.e2e.desk import Desk, Failure
from tests.e2e.shop import ADDRESS, PLENTY, Shop, new_id
from tests.e2e.system import System
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

PENDING = 30
CUSTOMERS = 6
LEASE_AND_MORE = 60.0  # seconds: what the worker had claimed is free when its lease of 30 s is over


def test_a_killed_worker_leaves_every_stock_decrement_to_be_written_once(
    shop: Shop, desk: Desk, system: System
) -> None:
    product, parts = shop.product(leg=4)
    order = new_id("order")

    def stored(*status: str) -> list[Failure]:
        return [item for item in desk.about(order) if item["status"] in status]

    with ExitStack() as locked:  # so that the worker dies with attempts under way
        with desk.paused("warehouse-db"):
            with shop.fault("warehouse-1", "db_write_fails"):
                assert {shop.add_product(order, product).status for _ in range(PENDING)} == {200}
                eventually(lambda: len(stored("scheduled")) == PENDING)
            locked.enter_context(system.locked("warehouse"))
        claimed = eventually(lambda: stored("running"))
        system.kill("worker")

    eventually(lambda: len(stored("resolved")) == PENDING, within=LEASE_AND_MORE)
    assert shop.stock(parts["leg"]) == PLENTY - 4 * PENDING
    assert len(shop.operations("warehouse", order)) == PENDING
    histories = [desk.failure(item["id"])["attempts"] for item in claimed]
    assert "abandoned" in {attempt["outcome"] for history in histories for attempt in history}


def test_reports_wait_in_the_outbox_while_the_desk_is_dead(shop: Shop, desk: Desk, system: System) -> None:
    order = new_id("order")

    system.kill("web")
    answers = [shop.add_product(order, new_id("unknown")).status for _ in range(PENDING)]

    assert answers == [404] * PENDING
    eventually(system.is_up)
    eventually(lambda: len(desk.about(order)) == PENDING)
    assert {item["status"] for item in desk.about(order)} == {"review"}


@pytest.mark.parametrize("stub", list(PORTS))
def test_a_killed_stub_loses_nothing_and_does_nothing_twice(
    shop: Shop, desk: Desk, system: System, stub: str
) -> None:
    goods = shop.goods()
    product, parts = shop.product(leg=4)
    orders = [new_id("order") for _ in range(CUSTOMERS)]

    with ThreadPoolExecutor(CUSTOMERS // 2) as pool:
        customers = [pool.submit(_buy, shop, order, goods, product) for order in orders]
        eventually(lambda: shop.status(orders[0]))
        system.kill(stub)
        for customer in customers:
            customer.result()

    for order in orders:
        shop.reaches(order, "paid")
        shop.ships(order)
        eventually(lambda order=order: {item["status"] for item in desk.about(order)} <= {"resolved"})
        assert shop.shipment(order)["shipping_address"] == ADDRESS
    assert shop.goods_left(goods) == PLENTY - CUSTOMERS
    assert shop.stock(parts["leg"]) == PLENTY - 4 * CUSTOMERS


def _buy(shop: Shop, order: str, goods: str, product: str) -> None:
    """Order, pay when it is reserved, and add a product; each call is repeated until it is answered."""
    body = {"orderId": order, "clientId": "17850", "shippingAddress": ADDRESS,
            "items": [{"productId": goods, "quantity": 1}]}
    addition = {"clientId": "17850", "productId": product, "orderDate": "2026-11-22", "status": "placed",
                "operationId": f"add-{order}"}
    _insist(lambda: shop.call("POST", "orders", "/v1/orders", body))
    shop.reaches(order, "reserved")
    _insist(lambda: shop.call("POST", "payments", "/v1/payments", {"orderId": order, "amount": 100.0}))
    _insist(lambda: shop.call("POST", "orders", f"/v1/orders/{order}/products", addition))


def _insist(ask: Callable[[], Answer]) -> None:
    def answered() -> bool:
        try:
            return ask().status < 300
        except Unreachable:
            return False

    eventually(answered)

