"""A small shop around a desk, whose every part may fail: what the state machine drives, and what must hold of it."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from app.config import load
from app.desk import Desk
from app.domain.remedy import ORDER_STATUSES, ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.domain.status import CLOSED
from app.models.claims import Claimed
from app.remedies import Result
from app.services.dead_letters import receive_dead_letters
from app.services.retrying import _claim, _record, run_one
from app.targets import Targets
from messaging import Message, Verdict, shop_topology
from messaging.deaths import with_death
from storage import open_store
from tests import deliveries
from tests.factories import break_writes, make_order, make_shop, make_stock, mend_writes
from tests.fakes import FakeBroker, FakeClock
from tests.looking import all_failures, assert_consistent, marker_kind

QUEUE, DEAD = "orders.status", "orders.status.dlq"
STOCK = 1000
ORDERS = ("1", "2")
NO_EFFECT = (None, "tombstone")
EFFECTS = "SELECT effect FROM applied_operations WHERE kind = 'stock_decrement'"


class Life:
    """The desk, its shop, and the memory of what must not be undone."""

    def __init__(self, environment: dict[str, str]) -> None:
        settings = load(environment)
        topology, self.clock = shop_topology(), FakeClock()
        self.broker = FakeBroker(topology)
        self.desk = Desk(settings, open_store(settings.database_url, clock=self.clock), self.broker, topology,
                         Targets(settings.targets, topology), self.clock, lambda: 0.0)  # full jitter: at once
        make_shop(self.desk)
        make_stock(self.desk, leg=STOCK)
        for order in ORDERS:
            make_order(self.desk, order, status="placed")
        self.frozen: list[Claimed] = []
        self.finished: list[tuple[Claimed, Result]] = []
        self.seen_ranks = [0] * len(ORDERS)
        self.closed_without_effect: dict[str, str] = {}  # operation → the failure that was closed
        self.accepted = 0

    # What happens.

    def claim(self, target: str) -> Claimed | None:
        """Claim one failure as a worker that will not come back in time does."""
        claimed = _claim(self.desk, target, "dies", 1)
        return claimed[0] if claimed else None

    def run(self, claimed: Claimed) -> None:
        """Let a worker do what it claimed, and keep its result back."""
        self.finished.append((claimed, run_one(self.desk, claimed)))

    def record(self, claimed: Claimed, result: Result) -> None:
        """Let a worker record its result, in time or late."""
        _record(self.desk, target_of_claim(claimed), [claimed], [(claimed, result)])

    def fault(self, target: str, table: str, *, on: bool) -> None:
        """Make every write of a table fail, or work again."""
        with self.desk.targets.store(target).connect() as connection:
            mend_writes(connection, table)
            if on:
                break_writes(connection, table)

    def expire(self, message: Message) -> None:
        """Let a message that nobody took go to the dead-letter queue, and be drained there."""
        died = Message(message.body, message.message_id, message.content_type,
                       with_death(message.headers, QUEUE, "expired", self.clock()))
        if receive_dead_letters(self.desk, [deliveries.Delivery(died, DEAD, 1, None)]) == [Verdict.RETRY]:
            self.broker.queues[QUEUE].append(message)

    def take(self, number: int) -> Message:
        """Take one of the messages that were sent."""
        return self.broker.queues[QUEUE].pop(number % len(self.broker.queues[QUEUE]))

    def remember_closing(self, row: Any) -> None:
        """Remember that a person closed a failure whose effect was not there."""
        operation = (row.remedy or {}).get("operationId")
        if operation and marker_kind(self.desk, operation) in NO_EFFECT:
            self.closed_without_effect[operation] = row.id

    def forget_closing(self, failure_id: str) -> None:
        """Remember that a person wants the effect after all."""
        self.closed_without_effect = {
            operation: closer for operation, closer in self.closed_without_effect.items() if closer != failure_id
        }

    # What must hold.

    def check(self) -> None:
        """Check everything that must hold between two steps."""
        assert_consistent(self.desk)
        self._check_stock()
        self._check_orders()
        rows = {row.id: row for row in all_failures(self.desk)}
        assert len(rows) == self.accepted
        for operation, closer in self.closed_without_effect.items():
            assert rows[closer].status in CLOSED
            assert marker_kind(self.desk, operation) in NO_EFFECT, "applied though a person had closed it"

    def _check_stock(self) -> None:
        with self.desk.targets.store(WAREHOUSE_DATABASE).read() as session:
            effects = [json.loads(effect) for effect in session.scalars(text(EFFECTS))]
            left = session.scalar(text("SELECT available FROM components"))
        taken = sum(part["quantity"] for effect in effects for part in effect["components"])
        assert left == STOCK - taken, "stock and markers disagree: an effect without its marker, or twice"

    def _check_orders(self) -> None:
        with self.desk.targets.store(ORDERS_DATABASE).read() as session:
            statuses = session.scalars(text("SELECT status FROM orders ORDER BY order_id")).all()
        ranks = [ORDER_STATUSES.index(status) for status in statuses]
        assert all(now >= before for now, before in zip(ranks, self.seen_ranks, strict=True)), "an order went back"
        self.seen_ranks = ranks


def target_of_claim(claimed: Claimed) -> str:
    """Name the target that a claim was made for."""
    targets = {"stock_decrement": WAREHOUSE_DATABASE, "order_status": ORDERS_DATABASE, "publish_message": QUEUE}
    return targets[claimed.remedy["type"]]


def pick(items: Sequence[Any], number: int) -> Any:
    """Choose one of the items by any number."""
    return items[number % len(items)]
