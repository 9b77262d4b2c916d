"""What was put right today, and by whom: read from the newest history, no further back than needed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from app.domain.status import Status
from app.models.failure import Failure
from app.models.history import Event
from app.queries.by_hand import by_hand
from app.queries.counts import Count

NEWEST = 10_000  # events looked at


@dataclass(frozen=True)
class Today:
    """How many failures were resolved since midnight; one that was resolved twice counts once, by hand if ever.

    By hand is also what a person corrected, or asked to be tried again.
    """

    since: datetime
    by_machine: Count
    by_hand: Count


def resolved(session: Session, midnight: datetime) -> Today:
    """Count the failures that were resolved since then, among the newest events."""
    events = _newest()
    hand = by_hand(events.c.failure_id, events.c.id, events.c.action)
    failures = func.count(events.c.failure_id.distinct())
    number, number_by_hand = session.execute(
        select(failures, failures.filter(hand)).where(*_put_right(events, midnight))
    ).one()
    oldest, looked_at = session.execute(select(func.min(events.c.at), func.count()).select_from(events)).one()
    more = looked_at == NEWEST and oldest >= midnight
    return Today(midnight, by_machine=Count(number - number_by_hand, more), by_hand=Count(number_by_hand, more))


def put_right_since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a failure is one of those that `resolved` counts."""
    events = _newest()
    return Failure.id.in_(select(events.c.failure_id).where(*_put_right(events, moment)))


def _newest() -> Subquery:
    told = (Event.id, Event.failure_id, Event.at, Event.action, Event.to_status, Event.from_status)
    return select(*told).order_by(Event.id.desc()).limit(NEWEST).subquery()


def _put_right(events: Subquery, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (events.c.at >= since, events.c.to_status == Status.RESOLVED, events.c.from_status != Status.RESOLVED)
