"""The desk at a glance: what waits for a person, what the machine does, where it is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.status import OPEN, Status
from app.models.failure import Failure
from app.queries.counts import Count, count, is_status
from app.queries.filters import FailureFilter

MOST_COUNTED = 1000
LATE = timedelta(seconds=30)  # due for longer: something holds it


@dataclass(frozen=True)
class Overview:
    """Counts of open failures (up to 1,000 of each status), and how late the oldest are.

    `overdue`: attempts that should have been made. `late`: orders that need a person, and should have been shipped.
    """

    open: dict[str, Count]
    due: Count
    overdue: Count
    late: Count
    oldest_review: datetime | None


def overview(session: Session, desk: Desk, most: int = MOST_COUNTED) -> Overview:
    """Return the figures; each costs at most a walk over `most` entries of an index."""
    now = desk.clock()
    return Overview(
        open={status: count(session, most, is_status(status)) for status in sorted(OPEN)},
        due=_due(session, desk, now, most),
        overdue=_due(session, desk, now - LATE, most),
        late=count(session, most, *FailureFilter(overdue=True).conditions()),
        oldest_review=session.scalar(select(func.min(Failure.created_at)).where(is_status(Status.REVIEW))),
    )


def _due(session: Session, desk: Desk, moment: datetime, most: int) -> Count:
    # by target: the index of due work begins with it
    named = Failure.target.in_(desk.targets.names)
    return count(session, most, is_status(Status.SCHEDULED), named, Failure.next_attempt_at <= moment)
