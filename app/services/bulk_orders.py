"""What a bulk operation shall do, and to which failures: looked at first, then frozen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, func, insert, literal, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.canary import Canary
from app.domain.status import Action, Status, allowed_actions
from app.ids import new_id
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import Failure
from app.queries.filters import FailureFilter
from app.services import audit

UNKNOWN = "There is no such failure in what was chosen from."
CHUNK = 1000
_ITEMS: Table = BulkItem.__table__  # type: ignore[assignment]
_VERBS = {"replay": Action.RETRY}
_LEADS_TO = {
    "retry": Status.SCHEDULED, "replay": Status.SCHEDULED, "resolve": Status.RESOLVED, "discard": Status.DISCARDED,
}


@dataclass(frozen=True)
class BulkOrder:
    """An act, on the failures of a filter or on those named; `pace` is in items per second."""

    action: str
    actor: str
    reason: str
    filter: FailureFilter | None = None
    ids: tuple[str, ...] = ()
    only: tuple[ColumnElement[bool], ...] = field(default=())  # what named failures must be too
    assignee: str | None = None
    to_queue: str | None = None
    pace: float | None = None
    canary: Canary | None = None

    @property
    def verb(self) -> Action:
        """Return the act on a single failure."""
        return _VERBS.get(self.action) or Action(self.action)

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return which failures are meant, as conditions on them."""
        chosen = [Failure.id.in_(self.ids)] if self.filter is None else self.filter.conditions()
        return [*chosen, *self.only]


@dataclass(frozen=True)
class Effect:
    """What would become of `number` of the failures; `after` None means that they are skipped."""

    what: str
    before: str | None
    after: str | None
    number: int


def dry_run(desk: Desk, order: BulkOrder) -> tuple[int, list[Effect]]:
    """Count what the order would touch and change; nothing is done."""
    with desk.store.read() as session:
        rows = session.execute(
            select(Failure.status, Failure.remedy_type.is_(None), func.count())
            .where(*order.conditions()).group_by(Failure.status, Failure.remedy_type.is_(None))
        ).all()
    numbers: Counter[tuple[str, str | None, str | None]] = Counter()
    for status, bare, number in rows:
        numbers[_effect(order, Status(status), bool(bare))] += number
    missing = len(set(order.ids)) - numbers.total() if order.filter is None else 0
    if missing:
        numbers["unknown", None, None] = missing
    return numbers.total(), [Effect(*effect, number) for effect, number in numbers.items()]


def start(desk: Desk, order: BulkOrder) -> tuple[str, int]:
    """Freeze the set and begin; returns the operation's id and how many items it has. One transaction."""
    bulk_id, now = new_id(), desk.clock()
    with desk.store.write() as session:
        operation = BulkOperation(
            id=bulk_id, action=order.action, status="running", actor=order.actor, reason=order.reason,
            assignee=order.assignee, to_queue=order.to_queue, rate_per_second=order.pace, total=0, created_at=now,
            next_free_at=now,
            filter=None if order.filter is None else order.filter.model_dump(mode="json", exclude_none=True),
            canary=None if order.canary is None
            else {"steps": list(order.canary.steps), "stopAbove": order.canary.stop_above},
        )
        session.add(operation)
        session.flush()
        operation.total = _freeze(session, bulk_id, order, now)
        audit.record(
            session, actor=order.actor, action=f"bulk.{order.action}", now=now, subject=bulk_id, reason=order.reason,
            after={"total": operation.total, "filter": operation.filter, "assignee": order.assignee,
                   "toQueue": order.to_queue},
        )
        return bulk_id, operation.total


def _freeze(session: Session, bulk_id: str, order: BulkOrder, now: datetime) -> int:
    if order.filter is None:
        return _freeze_ids(session, bulk_id, order, now)
    oldest_first = func.row_number().over(order_by=(Failure.created_at, Failure.id))
    chosen = select(literal(bulk_id), oldest_first, Failure.id, literal("pending")).where(*order.conditions())
    session.execute(insert(_ITEMS).from_select(["bulk_id", "position", "failure_id", "outcome"], chosen))
    return session.scalar(select(func.count()).where(BulkItem.bulk_id == bulk_id)) or 0


def _freeze_ids(session: Session, bulk_id: str, order: BulkOrder, now: datetime) -> int:
    named = list(dict.fromkeys(order.ids))
    known: set[str] = set()
    for chunk in _chunks(named):
        known |= set(session.scalars(select(Failure.id).where(Failure.id.in_(chunk), *order.only)))
    rows: list[dict[str, Any]] = [
        {"bulk_id": bulk_id, "position": position, "failure_id": failure_id[:36], "at": None, "detail": None,
         "outcome": "pending"}
        | ({} if failure_id in known else {"outcome": "skipped", "detail": UNKNOWN, "at": now})
        for position, failure_id in enumerate(named, start=1)
    ]
    if rows:
        session.execute(insert(_ITEMS), rows)
    return len(rows)


def _effect(order: BulkOrder, status: Status, bare: bool) -> tuple[str, str | None, str | None]:
    if order.verb not in allowed_actions(status, has_remedy=not bare):
        return "status", status, None
    if order.action == "assign":
        return "assignee", None, order.assignee
    return "status", status, _LEADS_TO[order.action]


def _chunks(items: Sequence[str]) -> list[Sequence[str]]:
    return [items[start:start + CHUNK] for start in range(0, len(items), CHUNK)]
