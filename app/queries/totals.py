"""Running totals over the history: attempts by outcome, and what came in and was put right in each hour.

The workers add to them; what they have not added yet is counted here, so that no figure lags behind.
"""

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.orm import Session

from app.domain.status import Status
from app.models.counter import Counter
from app.models.history import Event
from app.queries.by_hand import by_hand
from app.remedies import Outcome

MARK = "events_read"
ATTEMPTS, HOURS = "attempts:", "hours:"
RECEIVED, BY_MACHINE, BY_HAND = "received", "by_machine", "by_hand"
MOST_READ = 50_000  # rows of the history
_HOUR = "%Y-%m-%d %H"


@dataclass(frozen=True)
class Gain:
    """What the history gained in one hour by one action; `last` is the newest row's id."""

    action: str
    hour: str
    resolved: str | None  # by whom: one of BY_MACHINE, BY_HAND
    number: int
    last: int

    def names(self) -> list[str]:
        """Return the totals that it adds to."""
        names = [ATTEMPTS + self.action] if self.action in set(Outcome) else []
        if self.action == "received":
            names.append(f"{HOURS}{self.hour}:{RECEIVED}")
        if self.resolved:
            names.append(f"{HOURS}{self.hour}:{self.resolved}")
        return names


@dataclass(frozen=True)
class Span:
    """What came in and what was put right from `begin` on, for one step of a trend."""

    begin: datetime
    received: int
    by_machine: int
    by_hand: int


def gained(session: Session, since: int, before: int | None = None, most: int = MOST_READ) -> list[Gain]:
    """Read what the history gained after row `since`, up to `most` rows."""
    resolved = (Event.to_status == Status.RESOLVED) & (Event.from_status != Status.RESOLVED)
    new = (
        select(
            Event.id, Event.action, func.substr(cast(Event.at, String), 1, len("2026-11-22 06")).label("hour"),
            case((~resolved, None), (by_hand(Event.failure_id, Event.id, Event.action), BY_HAND), else_=BY_MACHINE)
            .label("resolved"),
        )
        .where(Event.id > since).order_by(Event.id).limit(most)
    )
    rows = (new if before is None else new.where(Event.id < before)).subquery()
    key = (rows.c.action, rows.c.hour, rows.c.resolved)
    found = session.execute(select(*key, func.count(), func.max(rows.c.id)).group_by(*key))
    return [Gain(*row) for row in found]


def added(gains: list[Gain]) -> "Tally[str]":
    """Sum gains up by the names of their totals."""
    tally: Tally[str] = Tally()
    for gain in gains:
        tally.update(dict.fromkeys(gain.names(), gain.number))
    return tally


def mark(session: Session) -> int:
    """Return the last row of the history that the totals hold."""
    return session.scalar(select(Counter.value).where(Counter.name == MARK)) or 0


def attempts_by_outcome(session: Session) -> dict[str, int]:
    """Return how many attempts ended in each way."""
    totals = _totals(session, ATTEMPTS)
    return {name.removeprefix(ATTEMPTS): number for name, number in sorted(totals.items())}


def trend(session: Session, now: datetime, steps: int, step: timedelta) -> list[Span]:
    """Return the last `steps` steps of so many whole hours each, the current one last."""
    hours = round(step / timedelta(hours=1))
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begin = hour - timedelta(hours=hours * steps - 1)
    totals = _totals(session, HOURS)
    return [_span(totals, begin + number * step, hours) for number in range(steps)]


def _span(totals: "Tally[str]", begin: datetime, hours: int) -> Span:
    names = [f"{HOURS}{(begin + timedelta(hours=number)).strftime(_HOUR)}:" for number in range(hours)]
    figures = (sum(totals[name + what] for name in names) for what in (RECEIVED, BY_MACHINE, BY_HAND))
    return Span(begin, *figures)


def _totals(session: Session, prefix: str) -> "Tally[str]":
    # Totals and mark by one statement: a worker that adds to them in between would have its part counted twice.
    wanted = Counter.name.startswith(prefix) | (Counter.name == MARK)
    kept = {counter.name: counter.value for counter in session.scalars(select(Counter).where(wanted))}
    totals = added(gained(session, kept.pop(MARK, 0))) + Tally(kept)
    return Tally({name: number for name, number in totals.items() if name.startswith(prefix)})
