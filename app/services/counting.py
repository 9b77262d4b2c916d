"""Keep the running total of attempts by outcome, so that no scrape counts the whole history."""

from collections import Counter as Tally
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.models.counter import Counter
from app.models.history import Event
from app.remedies import Outcome

MARK = "events_read"
PREFIX = "attempts:"
MOST_READ = 50_000  # rows of the history a call
SETTLING = timedelta(seconds=5)  # PostgreSQL may show a lower id later than a higher one

Gained = list[tuple[str, int, int]]  # action, how often, the last event's id


def count(desk: Desk) -> bool:
    """Add to the totals what the history has gained; True when there may be more."""
    with desk.store.read() as session:
        if not _settled(session, desk, _mark(session)):
            return False  # nobody waits for a write lock that is not needed
    with desk.store.write() as session:
        totals = {row.name: row for row in session.scalars(select(Counter).with_for_update())}
        mark = totals.get(MARK) or _counter(session, MARK)
        gained = _settled(session, desk, mark.value)
        mark.value = max((last for _, _, last in gained), default=mark.value)
        for name, number in _attempts(gained).items():
            totals[name] = totals.get(name) or _counter(session, name)
            totals[name].value += number
    return sum(number for _, number, _ in gained) >= MOST_READ


def attempts_by_outcome(session: Session) -> dict[str, int]:
    """Return the totals, with what was not added to them yet (up to 50,000 events of it)."""
    totals = {row.name: row.value for row in session.scalars(select(Counter).where(Counter.name.startswith(PREFIX)))}
    numbers = Tally(totals) + _attempts(_gained(session, _mark(session)))
    return {name.removeprefix(PREFIX): number for name, number in sorted(numbers.items())}


def _attempts(gained: Gained) -> Tally[str]:
    outcomes = set(Outcome)
    return Tally({PREFIX + action: number for action, number, _ in gained if action in outcomes})


def _settled(session: Session, desk: Desk, since: int) -> Gained:
    if desk.store.is_sqlite:
        return _gained(session, since)
    newest = Event.at > desk.clock() - SETTLING
    return _gained(session, since, session.scalar(select(func.min(Event.id)).where(Event.id > since, newest)))


def _gained(session: Session, since: int, before: int | None = None) -> Gained:
    new = select(Event.id, Event.action).where(Event.id > since).order_by(Event.id).limit(MOST_READ)
    rows = (new if before is None else new.where(Event.id < before)).subquery()
    return [
        (action, number, last)
        for action, number, last in session.execute(
            select(rows.c.action, func.count(), func.max(rows.c.id)).group_by(rows.c.action)
        )
    ]


def _mark(session: Session) -> int:
    return session.scalar(select(Counter.value).where(Counter.name == MARK)) or 0


def _counter(session: Session, name: str) -> Counter:
    counter = Counter(name=name, value=0)
    session.add(counter)
    return counter
