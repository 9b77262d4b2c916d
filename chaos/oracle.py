"""What must be true in the end: every accepted case stored once, every effect there once, every status as implied."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, or_, select

from app.desk import Desk
from app.models.attempt import attempts
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import failures
from app.models.report import StoredReport
from app.remedies import Outcome
from app.routes.api.schemas.bulk import MOST_IDS
from chaos import shop
from chaos.cases import BARE, CALL, LAPSED, ORDER, POISON, SEND, STOCK, Case
from chaos.ledger import Ledger
from chaos.receiver import Receiver
from messaging import CONFIRMATIONS, INTAKE, STATUS, MessagingError
from messaging.topology import DEAD
from storage import Store
from tests.looking import assert_consistent, rows

QUEUES = (STATUS, STATUS + DEAD, INTAKE, CONFIRMATIONS)
LOST_ON = (Outcome.ABANDONED, Outcome.PASSING, Outcome.RETURNED, Outcome.UNCONFIRMED)


@dataclass
class Findings:
    """What was found wrong, in words; and how many failures the desk put right after an attempt that came to grief."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    recovered: int = 0

    @property
    def are_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unexpected)


@dataclass(frozen=True)
class Oracle:
    """Compares what was accepted with what is there."""

    desk: Desk
    warehouse: Store
    orders: Store
    receiver: Receiver
    ledger: Ledger
    case: Callable[[int], Case]

    def judge(self) -> Findings:
        """Look at everything once."""
        findings = Findings(unexpected=list(self.ledger.unexpected), recovered=self._recovered())
        stored, done = self._stored(), self._effects()
        for number in sorted(stored.keys() | self.ledger.accepted.keys()):
            self._judge(findings, self.case(number), stored[number], done[self.case(number).kind][number])
        self._judge_shared_stock(findings, done[STOCK])
        self._judge_bulk(findings)
        self._judge_history(findings)
        return findings

    def stuck(self) -> list[str]:
        """Return some failures in review that are to be resolved in the end: a person must have them tried again."""
        waiting = select(failures.c.id, failures.c.order_id).where(failures.c.status == "review")
        stuck = [row.id for row in rows(self.desk, waiting) if self.case(int(row.order_id)).ends == "resolved"]
        return stuck[:MOST_IDS]

    def under_way(self) -> int:
        """Count failures whose attempt is still to come or to end, bulk operations, and messages."""
        still = select(func.count()).where(failures.c.status.in_(("scheduled", "running", "sent")))
        bulk = select(func.count()).where(BulkOperation.status == "running")
        with self.desk.store.read() as session:
            open_ones = session.scalars(still).one() + session.scalars(bulk).one()
        try:
            return open_ones + sum(self.desk.broker.depth(queue) for queue in QUEUES)
        except MessagingError:
            return open_ones + 1  # just started, RabbitMQ elects the leaders of its queues first: nobody knows

    def _stored(self) -> dict[int, list[Row[Any]]]:
        columns = (failures.c.id, failures.c.order_id, failures.c.status, failures.c.reason, StoredReport.key)
        stored: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in rows(self.desk, select(*columns).join(StoredReport, StoredReport.failure_id == failures.c.id)):
            stored[int(row.order_id)].append(row)
        return stored

    def _judge(self, findings: Findings, case: Case, stored: list[Row[Any]], effects: int) -> None:
        name = f"case {case.number} ({case.kind})"
        told = self.ledger.accepted.get(case.number)
        if not stored:
            findings.lost.append(f"{name} was accepted and is not stored")
        elif told is not None and told not in [row.id for row in stored]:
            findings.lost.append(f"{name} was accepted as {told} and is stored as {stored[0].id}")
        if len(stored) - _echoes(stored) > 1:
            findings.doubled.append(f"{name} is stored {len(stored)} times")
        for row in stored:
            if row.status != case.ends:
                findings.unexpected.append(f"{name} is {row.status} ({row.reason}), not {case.ends}")
        wanted = int(case.kind not in (BARE, POISON))
        if effects > wanted:
            findings.doubled.append(f"{name} has {effects} effects")
        elif effects < wanted and any(row.status == "resolved" for row in stored):
            findings.lost.append(f"{name} is resolved without its effect")

    def _effects(self) -> dict[str, Counter[int]]:
        taken = shop.stock_taken(self.warehouse)
        own = {int(name.removeprefix("part-")): number for name, number in taken.items() if name.startswith("part-")}
        messages = shop.messages_handled(self.orders)
        return {
            STOCK: Counter({number: -(-most // self.case(number).quantity) for number, most in own.items()}),
            ORDER: shop.statuses_written(self.orders),
            CALL: Counter({number: len(keys) for number, keys in self.receiver.keys.items()}),
            SEND: messages, LAPSED: messages, POISON: messages, BARE: Counter(),
        }

    def _judge_shared_stock(self, findings: Findings, done: Counter[int]) -> None:
        wanted: Counter[str] = Counter()
        for number, times in done.items():
            wanted[self.case(number).shared_component] += times * self.case(number).quantity
        taken = shop.stock_taken(self.warehouse)
        for name, quantity in wanted.items():
            words = f"{taken[name]} were taken of {name}, not {quantity}"
            if taken[name] != quantity:
                (findings.doubled if taken[name] > quantity else findings.lost).append(words)

    def _judge_bulk(self, findings: Findings) -> None:
        left = select(BulkOperation.id, BulkOperation.status).where(BulkOperation.status != "done")
        unended = select(BulkItem.bulk_id).where(or_(BulkItem.outcome == "pending", BulkItem.outcome == "started"))
        with self.desk.store.read() as session:
            findings.unexpected += [f"bulk operation {row.id} is {row.status}" for row in session.execute(left)]
            findings.unexpected += [f"an item of bulk operation {name} has no end" for name in session.scalars(unended)]

    def _judge_history(self, findings: Findings) -> None:
        try:
            assert_consistent(self.desk)
        except AssertionError as error:
            findings.unexpected.append(f"the history is not consistent: {error}")

    def _recovered(self) -> int:
        hurt = select(attempts.c.failure_id).where(attempts.c.outcome.in_(LOST_ON))
        resolved = select(func.count()).where(failures.c.status == "resolved", failures.c.id.in_(hurt))
        return int(rows(self.desk, resolved)[0][0])


def _echoes(stored: list[Row[Any]]) -> int:
    """Count the failures about messages that the desk itself had sent for another failure of the case.

    A consumer that dies between its confirmation and its acknowledgement leaves the message in the queue: what comes
    back of a failure that is resolved counts as a new message.
    """
    sent = {f"id:dlo-{row.id}" for row in stored}
    return sum(row.key in sent for row in stored)
