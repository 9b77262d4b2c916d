"""Add to the running totals what the history has gained, so that no scrape or page counts the whole of it."""

from datetime import timedelta
from typing import cast

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.models.counter import Counter
from app.models.history import Event
from app.queries.totals import HOURS, MARK, Gain, added, gained, mark
from storage import insert_if_absent

_COUNTERS = cast(Table, Counter.__table__)
MOST_READ = 50_000  # rows of the history a call
SETTLING = timedelta(seconds=5)  # PostgreSQL may show a lower id later than a higher one
HOURS_KEPT = timedelta(days=8)  # a day more than any page shows


def count(desk: Desk) -> bool:
    """Add to the totals; True when there may be more."""
    with desk.store.read() as session:
        if not _settled(session, desk, mark(session)):
            return False  # nobody waits for a write lock that is not needed
    with desk.store.write() as session:
        read_to = _counter(session, MARK)
        gains = _settled(session, desk, read_to.value)
        read_to.value = max((gain.last for gain in gains), default=read_to.value)
        for name, number in sorted(added(gains).items()):
            _counter(session, name).value += number
        oldest = f"{HOURS}{desk.clock() - HOURS_KEPT:%Y-%m-%d %H}"
        session.execute(delete(Counter).where(Counter.name.startswith(HOURS), Counter.name < oldest))
    return sum(gain.number for gain in gains) >= MOST_READ


def _settled(session: Session, desk: Desk, since: int) -> list[Gain]:
    if desk.store.is_sqlite:
        return gained(session, since, most=MOST_READ)
    newest = Event.at > desk.clock() - SETTLING
    before = session.scalar(select(func.min(Event.id)).where(Event.id > since, newest))
    return gained(session, since, before, MOST_READ)


def _counter(session: Session, name: str) -> Counter:
    """Return a total, locked: of two workers that count at once, the second finds nothing new."""
    insert_if_absent(session, _COUNTERS, {"name": name, "value": 0})
    return session.get_one(Counter, name, with_for_update=True, populate_existing=True)
