"""RabbitMQ killed, frozen, or not yet there: pages and reports go on, and nothing is lost."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pika
import pytest

from messaging import STATUS, shop_topology
from stubs.common.calls import Answer, call
from tests.e2e.desk import Desk
from tests.e2e.running import running
from tests.e2e.shop import PLENTY, Shop, new_id
from tests.e2e.system import ADMIN_TOKEN, SCALE, System
from tests.e2e.waiting import eventually
from tests.messaging.rabbitmq_node import RabbitNode, running_node

pytestmark = [pytest.mark.e2e, pytest.mark.rabbitmq, pytest.mark.timeout(240)]

CUSTOMERS = 40
LEASE_SECONDS = 30.0  # what a process held that died with the broker is free after so long
DRAIN_SECONDS = 10.0
PAGE_SECONDS = 3.0


def test_a_rabbitmq_killed_in_the_middle_of_traffic_loses_nothing(
    shop: Shop, desk: Desk, system: System, node: RabbitNode, outage: float
) -> None:
    goods = shop.goods()
    orders: list[str] = []

    def buy() -> None:
        while len(orders) < CUSTOMERS:
            orders.append(shop.order(goods))
            shop.pay(orders[-1])

    with ThreadPoolExecutor(1) as pool:
        customer = pool.submit(buy)
        eventually(lambda: len(orders) > CUSTOMERS // 4)
        node.kill()
        back_at = time.monotonic() + outage
        eventually(lambda: _goes_on_without_its_broker(desk, system) or time.monotonic() > back_at, outage + 30)
        customer.result()
        unpaid = [order for order in orders if shop.status(order) != "paid"]
        node.start()
        eventually(lambda: any(shop.status(order) == "paid" for order in unpaid), DRAIN_SECONDS)

    for order in orders:
        eventually(lambda order=order: _is_paid(shop, desk, order), LEASE_SECONDS + DRAIN_SECONDS)
        shop.ships(order)
        eventually(lambda order=order: {item["status"] for item in desk.about(order)} <= {"resolved"})
        moved = [row for row in shop.operations("orders", order) if row["operation_id"].startswith("payment-")]
        assert len(moved) == 1
    assert shop.goods_left(goods) == PLENTY - len(orders)


def _is_paid(shop: Shop, desk: Desk, order: str) -> bool:
    """Tell whether an order is paid; what ten tries did not reach in these fast times, a person has tried again."""
    for item in desk.about(order):
        if item["status"] == "review":
            desk.call("POST", f"/failures/{item['id']}/retry")
    return shop.status(order) == "paid"


def test_a_rabbitmq_that_hangs_holds_up_neither_pages_nor_reports(
    shop: Shop, desk: Desk, system: System, node: RabbitNode
) -> None:
    with node.frozen():
        order = shop.order(shop.goods())
        _goes_on_without_its_broker(desk, system)

    shop.reaches(order, "reserved", DRAIN_SECONDS)
    eventually(system.is_up, DRAIN_SECONDS)


def test_a_desk_that_starts_before_rabbitmq_takes_reports_and_drains_what_is_there_when_it_comes(
    tmp_path: Path, rabbit_node: RabbitNode
) -> None:
    with running_node(tmp_path / "node") as late:
        late.settle(shop_topology(SCALE))
        with late.channel() as channel:
            channel.confirm_delivery()  # what is not confirmed may die with the node
            channel.basic_publish("", f"{STATUS}.dlq", b"left over", pika.BasicProperties(message_id="left-over"))
        late.kill()
        with running("serve", tmp_path, DLO_BROKER_URL=late.url, DLO_RETRY_SCALE=str(SCALE),
                     DLO_ADMIN_TOKEN=ADMIN_TOKEN) as run:
            system = System(run, late)
            desk = Desk(system)
            _goes_on_without_its_broker(desk, system)

            late.start()

            [drained] = eventually(lambda: desk.get(f"/failures?operation={STATUS}")["items"], DRAIN_SECONDS)
            assert desk.failure(drained["id"])["raw"]["messageId"] == "left-over"
            eventually(system.is_ready, DRAIN_SECONDS)


def _goes_on_without_its_broker(desk: Desk, system: System) -> None:
    """Wait until the desk says that its broker is away, and find all else at work."""
    order = new_id("order")
    ready = eventually(lambda: _unready(system))
    assert "the broker" in ready.body["detail"]
    assert [_report(system, order, number).status for number in range(5)] == [202] * 5
    assert len(desk.about(order)) == 5
    with _within(PAGE_SECONDS):
        assert {item["depth"] for item in desk.get("/queues")["items"]} == {None}
    with _within(PAGE_SECONDS):
        assert desk.call("GET", f"/queues/{STATUS}.dlq/messages").status in (200, 503)  # stored ones may fill the page


def _unready(system: System) -> Answer | None:
    with _within(PAGE_SECONDS):
        answer = call("GET", f"{system.desk_url}/readyz", timeout=20)
    return answer if answer.status == 503 else None


def _report(system: System, order: str, number: int) -> Answer:
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Idempotency-Key": f"{order}-{number}"}
    body = {"source": "warehouse", "operation": "stock.count", "kind": "http", "orderId": order,
            "error": {"type": "Timeout", "message": "no answer"}}
    return call("POST", f"{system.desk_url}/api/v1/failures", body, timeout=20, headers=headers)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds
