"""Take over what a dead worker left: nothing stays `running` past its lease."""

from datetime import datetime
from typing import Any

from sqlalchemy import literal_column, select, update
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.status import Status
from app.models import transitions
from app.models.attempt import Attempt
from app.models.failure import Failure
from app.models.history import SYSTEM
from app.remedies import Outcome

MOST_ABANDONED = 10  # in a row: then the attempt itself is what kills workers
_WORDS = "Its worker did not come back before the lease ran out; it may or may not have happened."


def rescue(desk: Desk, limit: int = 200) -> bool:
    """Schedule failures whose lease ran out, at once; True when there were any."""
    with desk.store.write() as session:
        now = desk.store.now(session)
        lost = session.scalars(
            select(Failure)
            .where(literal_column("status") == literal_column("'running'"), Failure.lease_until <= now)
            .order_by(Failure.lease_until).limit(limit).with_for_update(skip_locked=True)
        ).all()
        for failure in lost:
            _take_over(session, failure, now)
    return bool(lost)


def _take_over(session: Session, failure: Failure, now: datetime) -> None:
    attempt, failure_id, in_a_row = failure.attempts_made, failure.id, failure.abandoned_in_a_row + 1
    kept: dict[str, Any] = {"abandoned_in_a_row": in_a_row, "bulk_id": failure.bulk_id,
                            "requested_by": failure.requested_by}
    if in_a_row > MOST_ABANDONED:
        words = f"{in_a_row} workers in a row did not survive it."
        transitions.move_to(
            session, failure, Status.REVIEW, actor=SYSTEM, action=Outcome.ABANDONED, now=now, attempt=attempt,
            reason=_WORDS, shown_reason=words, **kept,
        )
    else:
        transitions.move_to(
            session, failure, Status.SCHEDULED, actor=SYSTEM, action=Outcome.ABANDONED, now=now, attempt=attempt,
            reason=_WORDS, next_attempt_at=now, **kept,
        )
    session.execute(
        update(Attempt)
        .where(Attempt.failure_id == failure_id, Attempt.number == attempt)
        .values(outcome=Outcome.ABANDONED, detail=_WORDS, finished_at=now)
    )


def park_unknown_targets(desk: Desk, limit: int = 200) -> bool:
    """Move scheduled failures whose target is no longer registered to review; run at a worker's start."""
    with desk.store.write() as session:
        now = desk.store.now(session)
        stranded = session.scalars(
            select(Failure)
            .where(
                literal_column("status") == literal_column("'scheduled'"), Failure.target.not_in(desk.targets.names)
            )
            .limit(limit).with_for_update(skip_locked=True)
        ).all()
        for failure in stranded:
            words = desk.targets.missing(failure.target)
            transitions.move_to(
                session, failure, Status.REVIEW, actor=SYSTEM, action="no_target", now=now, reason=words,
                shown_reason=words,
            )
    return bool(stranded)
