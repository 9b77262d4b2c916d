"""The tour of the demo: three real failures to put right by hand, and how far a person is with each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.status import Action, Status
from app.models.failure import Failure
from app.models.history import Event
from app.queries.counts import is_status
from app.queries.failures import COLUMNS, FailureRow, row_of

IN_REVIEW = 500  # failures that a case is looked for among, the oldest first
NEWEST_EVENTS = 5_000  # that are looked through for what the person has done


class Case(StrEnum):
    """What there is to try."""

    LOST = "lost"  # an order that was paid under a number that nobody knows
    STOCK = "stock"  # goods that could not be taken from stock, and are too few by now
    ADDRESS = "address"  # an address that Shipping refused


class Progress(StrEnum):
    """How far a person is with a case."""

    AWAITED = "awaited"  # it has not come up yet
    WAITING = "waiting"
    UNDER_WAY = "under way"
    DONE = "done"


@dataclass(frozen=True)
class Stop:
    """One stop of the tour."""

    case: Case
    progress: Progress
    failure: FailureRow | None


_MEANT: dict[Case, ColumnElement[bool]] = {
    Case.LOST: (Failure.error_type == "OrderNotFound") & (Failure.remedy_type == "order_status"),
    Case.STOCK: Failure.remedy_type == "stock_decrement",
    Case.ADDRESS: (Failure.operation == "shipping.prepare") & (Failure.error_status == 400),
}
_PROGRESS = {Status.RESOLVED: Progress.DONE, Status.REVIEW: Progress.WAITING}


def stops(session: Session, person: str) -> list[Stop]:
    """Return the three stops for a person: a case that they have in hand, or the oldest that waits for somebody."""
    return [_stop(session, case, person) for case in Case]


def _stop(session: Session, case: Case, person: str) -> Stop:
    row = _in_hand(session, _MEANT[case], person) or _waiting(session, _MEANT[case])
    if row is None:
        return Stop(case, Progress.AWAITED, None)
    return Stop(case, _PROGRESS.get(Status(row.status), Progress.UNDER_WAY), row_of(row))


def _in_hand(session: Session, meant: ColumnElement[bool], person: str) -> Any:
    """Return a failure that a person has put right, else the one they acted on last, unless it was discarded."""
    events = select(Event.id, Event.failure_id, Event.actor, Event.action)
    newest = events.order_by(Event.id.desc()).limit(NEWEST_EVENTS).subquery()
    acted = newest.c.action.in_((Action.RETRY, Action.RESOLVE))
    return session.execute(
        select(*COLUMNS).join(newest, newest.c.failure_id == Failure.id)
        .where(newest.c.actor == person, acted, meant, Failure.status != Status.DISCARDED)
        .order_by(Failure.status != Status.RESOLVED, newest.c.id.desc()).limit(1)
    ).one_or_none()


def _waiting(session: Session, meant: ColumnElement[bool]) -> Any:
    oldest = (
        select(Failure.id).where(is_status(Status.REVIEW)).order_by(Failure.created_at, Failure.id)
        .limit(IN_REVIEW).subquery()
    )
    return session.execute(
        select(*COLUMNS).join(oldest, oldest.c.id == Failure.id).where(meant)
        .order_by(Failure.created_at, Failure.id).limit(1)
    ).one_or_none()
