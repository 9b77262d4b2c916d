"""Keep the running total of attempts by outcome, so that no scrape counts the whole history."""

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


def attempts_by_outcome(desk: Desk) -> dict[str, int]:
    """Count what the history has gained since the last call, and return the totals."""
    with desk.store.write() as session:
        totals = {row.name: row for row in session.scalars(select(Counter).with_for_update())}
        mark = totals.get(MARK) or _counter(session, MARK)
        for action, number, last in _gained(session, desk, mark.value):
            mark.value = max(mark.value, last)
            if action in set(Outcome):
                name = PREFIX + action
                totals[name] = totals.get(name) or _counter(session, name)
                totals[name].value += number
        return {name.removeprefix(PREFIX): row.value for name, row in totals.items() if name.startswith(PREFIX)}


def _gained(session: Session, desk: Desk, since: int) -> list[tuple[str, int, int]]:
    new = select(Event.id, Event.action).where(Event.id > since).order_by(Event.id).limit(MOST_READ)
    if not desk.store.is_sqlite:
        unsettled = session.scalar(
            select(func.min(Event.id)).where(Event.id > since, Event.at > desk.clock() - SETTLING)
        )
        new = new if unsettled is None else new.where(Event.id < unsettled)
    rows = new.subquery()
    return [
        (action, number, last)
        for action, number, last in session.execute(
            select(rows.c.action, func.count(), func.max(rows.c.id)).group_by(rows.c.action)
        )
    ]


def _counter(session: Session, name: str) -> Counter:
    counter = Counter(name=name, value=0)
    session.add(counter)
    return counter
