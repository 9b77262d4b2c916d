"""What was put right today, and by whom: read from the newest history, no further back than needed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.status import Action, Status
from app.models.failure import Failure
from app.models.history import Event
from app.queries.counts import Count, is_status

NEWEST = 10_000  # events looked at


@dataclass(frozen=True)
class Today:
    """How many failures were resolved since midnight in UTC."""

    by_machine: Count
    by_hand: Count


def resolved(session: Session, now: datetime) -> Today:
    """Count today's resolutions among the newest events."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    newest = select(Event.at, Event.action, Event.to_status, Event.from_status).order_by(Event.id.desc()).limit(NEWEST)
    events = newest.subquery()
    hand = events.c.action == Action.RESOLVE
    by_machine, by_hand = session.execute(
        select(func.count().filter(~hand), func.count().filter(hand))
        .where(events.c.at >= midnight, events.c.to_status == Status.RESOLVED, events.c.from_status != Status.RESOLVED)
        .select_from(events)
    ).one()
    oldest, looked_at = session.execute(select(func.min(events.c.at), func.count()).select_from(events)).one()
    more = looked_at == NEWEST and oldest >= midnight
    return Today(by_machine=Count(by_machine, more), by_hand=Count(by_hand, more))


def next_ship_by(session: Session) -> datetime | None:
    """Return when the most urgent order of the review queue must be shipped."""
    return session.scalar(select(func.min(Failure.ship_by)).where(is_status(Status.REVIEW)))
