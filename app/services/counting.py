"""Add to the running totals what the history has gained, so that no scrape or page counts the whole of it."""

from dataclasses import asdict
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.models.counter import Counter
from app.models.group import GroupHour
from app.models.history import Event
from app.queries.group_hours import GroupGain, received
from app.queries.totals import HOURS, MARK, Gain, added, gained, mark
from storage import add_up, insert_if_absent

_COUNTERS = cast(Table, Counter.__table__)
_GROUP_HOURS = cast(Table, GroupHour.__table__)
MOST_READ = 50_000  # rows of the history a call
SETTLING = timedelta(seconds=5)  # PostgreSQL may show a lower id later than a higher one
HOURS_KEPT = timedelta(days=8)  # a day more than any page shows


def count(desk: Desk) -> bool:
    """Add to the totals; True when there may be more."""
    with desk.store.read() as session:
        if not _settled(session, desk, mark(session)):
            return False  # nobody waits for a write lock that is not needed
    with desk.store.write() as session:
        read_to = _read_to(session)
        gains = _settled(session, desk, read_to.value)
        last = max((gain.last for gain in gains), default=read_to.value)
        _add(session, gains, received(session, read_to.value, last))
        read_to.value = last
        oldest = desk.clock() - HOURS_KEPT
        forgotten = Counter.name < f"{HOURS}{oldest:%Y-%m-%d %H}"
        session.execute(delete(Counter).where(Counter.name.startswith(HOURS), forgotten))
        session.execute(delete(GroupHour).where(GroupHour.hour < oldest))
    return sum(gain.number for gain in gains) >= MOST_READ


def _settled(session: Session, desk: Desk, since: int) -> list[Gain]:
    if desk.store.is_sqlite:
        return gained(session, since, most=MOST_READ)
    newest = Event.at > desk.clock() - SETTLING
    before = session.scalar(select(func.min(Event.id)).where(Event.id > since, newest))
    return gained(session, since, before, MOST_READ)


def _add(session: Session, gains: list[Gain], came_in: list[GroupGain]) -> None:
    totals = sorted(added(gains).items())
    add_up(session, _COUNTERS, "value", [{"name": name, "value": number} for name, number in totals])
    add_up(session, _GROUP_HOURS, "number", [asdict(gain) for gain in came_in])


def _read_to(session: Session) -> Counter:
    """Return the mark, locked: of two workers that count at once, the second finds nothing new."""
    insert_if_absent(session, _COUNTERS, {"name": MARK, "value": 0})
    return session.get_one(Counter, MARK, with_for_update=True, populate_existing=True)
