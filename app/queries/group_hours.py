"""How often each cause struck in each of the last hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from app.models.failure import Failure
from app.models.group import GroupHour
from app.models.history import Event

HOUR = timedelta(hours=1)
HOURS = 24


@dataclass(frozen=True)
class GroupGain:
    """How many failures one group gained in one hour."""

    group_id: str
    hour: datetime
    number: int


def last_day(session: Session, now: datetime, groups: Iterable[str]) -> dict[str, list[int]]:
    """Return how many failures each of the groups gained in each of the last 24 hours, the current one last.

    Workers add up what came in some seconds ago; while none is running, the newest hours stay empty.
    """
    begin = hour_of(now) - (HOURS - 1) * HOUR
    gained = {group_id: [0] * HOURS for group_id in groups}
    rows = session.execute(
        select(GroupHour.group_id, GroupHour.hour, GroupHour.number)
        .where(GroupHour.group_id.in_(list(gained)), GroupHour.hour >= begin, GroupHour.hour <= now)
    )
    for group_id, hour, number in rows:
        gained[group_id][(hour - begin) // HOUR] = number
    return gained


def received(session: Session, since: int, until: int) -> list[GroupGain]:
    """Count what came in between two rows of the history (the first left out), by group and hour."""
    hour = func.substr(cast(Event.at, String), 1, len("2026-11-22 06")).label("hour")
    came_in = (
        select(Failure.group_id, hour).join(Failure, Failure.id == Event.failure_id)
        .where(Event.id > since, Event.id <= until, Event.action == "received").subquery()
    )
    key = (came_in.c.group_id, came_in.c.hour)
    found = session.execute(select(*key, func.count()).group_by(*key).order_by(*key))
    return [GroupGain(group, datetime.fromisoformat(f"{hour}:00+00:00"), number) for group, hour, number in found]


def hour_of(moment: datetime) -> datetime:
    """Return when the hour of a moment began."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
