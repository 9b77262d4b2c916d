"""What worked before: how failures with one cause were put right, how often, and how fast."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.status import Action, Status
from app.models.failure import Failure
from app.models.history import Event
from app.queries.by_hand import ASKED
from app.queries.counts import is_status

NEWEST = 200  # failures looked at
BY_WAITING, BY_RETRY, BY_CORRECTION, BY_HAND = "waiting", "retry", "correction", "hand"
CLEAR, ENOUGH = 0.8, 3  # a way is proposed when so large a part of at least so many went it

Way = str


@dataclass(frozen=True)
class Worked:
    """How the newest resolved failures of a cause were put right; `ways` from the most frequent on."""

    number: int
    ways: tuple[tuple[Way, int], ...]
    usual: timedelta  # the median time from coming in to being put right

    @property
    def clear(self) -> Way | None:
        """Return the way that nearly all went, or None."""
        way, number = self.ways[0]
        return way if self.number >= ENOUGH and number / self.number >= CLEAR else None


def worked(session: Session, group_id: str, *, may_wait: bool) -> Worked | None:
    """Look at the newest resolved failures of a group; None when there are none.

    Unless `may_wait`, only at those in which a person had a part: what no machine tries any more will not right itself.
    """
    rows = session.execute(
        select(Failure.id, Failure.created_at)
        .where(Failure.group_id == group_id, is_status(Status.RESOLVED))
        .order_by(Failure.created_at.desc(), Failure.id.desc()).limit(NEWEST)
    ).all()
    events = _events(session, [row.id for row in rows])
    told = [(way, _end(events[row.id]) - row.created_at) for row in rows
            if (way := _way(events[row.id])) != BY_WAITING or may_wait]
    if not told:
        return None
    ways = Counter(way for way, _ in told).most_common()
    return Worked(len(told), tuple(ways), median(time for _, time in told))


def _events(session: Session, ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {failure_id: [] for failure_id in ids}
    telling = Event.action.in_(ASKED) | (Event.to_status == Status.RESOLVED)
    statement = select(Event.failure_id, Event.at, Event.action, Event.to_status, Event.before)
    for event in session.execute(statement.where(Event.failure_id.in_(ids), telling).order_by(Event.id)):
        found[event.failure_id].append(event)
    return found


def _way(events: Sequence[Any]) -> Way:
    if events and events[-1].action == Action.RESOLVE:
        return BY_HAND
    asked = [event for event in events if event.to_status != Status.RESOLVED]
    if any(event.before for event in asked):
        return BY_CORRECTION
    return BY_RETRY if asked else BY_WAITING


def _end(events: Sequence[Any]) -> datetime:
    at: datetime = events[-1].at
    return at
