"""Every other change of a failure: create, move_to, note, remove. With `claims`, the only writers of status.

Each writes the history row in the same transaction. None commits: the services do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, delete, select, text, update
from sqlalchemy.orm import Session

from app.domain.status import CLOSED, Status, may_move
from app.errors import Conflict, NotFound
from app.models.failure import Failure, failures
from app.models.history import event_row, new_events
from app.models.tallies import count_open, counting
from storage import Batch, inserting


def create(connection: Connection, rows: Sequence[dict[str, Any]], *, actors: Sequence[str]) -> None:
    """Insert failures (rows of the `failures` table) with their first history rows and their groups' tallies.

    `actors` are those whom each row came from.
    """
    for batch in creation(connection.dialect, rows, actors=actors):
        batch.run(connection)


def creation(dialect: Dialect, rows: Sequence[dict[str, Any]], *, actors: Sequence[str]) -> list[Batch]:
    """Make ready all that `create` inserts."""
    received = [
        event_row(row["id"], row["created_at"], actor, "received", None, row["status"], row["reason"])
        for row, actor in zip(rows, actors, strict=True)
    ]
    return [_NEW.ready(dialect, rows), new_events.ready(dialect, received), counting(dialect, rows)]


def move_to(
    session: Session,
    failure: Failure,
    status: Status,
    *,
    actor: str,
    action: str,
    now: datetime,
    reason: str | None = None,
    shown_reason: str | None = None,
    attempt: int | None = None,
    before: Any = None,
    after: Any = None,
    **changes: Any,
) -> None:
    """Move one failure, guarded by the version that was read; `changes` are further columns to set.

    `reason` goes into the history, `shown_reason` is why it is in review.

    Raises:
        Conflict: the life of a failure does not know this transition, or another was faster.
    """
    old = Status(failure.status)
    if not may_move(old, status):
        raise Conflict(f"A failure that is {old} cannot become {status}.", current_status=old)
    values = {"lease_until": None, "confirm_by": None, "next_attempt_at": None, "reason": shown_reason} | changes
    _write(session, failure, now, {"status": status, **values})
    new_events.run(
        session.connection(),
        [event_row(failure.id, now, actor, action, old, status, reason, attempt, before, after)],
    )
    if (old in CLOSED) != (status in CLOSED):
        count_open(session.connection(), [(failure.group_id, failure.id, -1 if status in CLOSED else 1)])


def note(
    session: Session, failure: Failure, *, actor: str, action: str, now: datetime, reason: str | None = None,
    before: Any = None, after: Any = None, **changes: Any,
) -> None:
    """Change or remark on a failure without moving it, guarded by its version as `move_to` is."""
    _write(session, failure, now, changes)
    new_events.run(
        session.connection(),
        [event_row(failure.id, now, actor, action, failure.status, failure.status, reason, None, before, after)],
    )


def read(session: Session, failure_id: str, *, version: int | None = None) -> Failure:
    """Load a failure for a change, locked where the engine can.

    Raises:
        NotFound: there is none. Conflict: `version` is not the present one.
    """
    failure = session.scalar(
        select(Failure).where(Failure.id == failure_id).with_for_update().execution_options(populate_existing=True)
    )
    if failure is None:
        raise NotFound(f"There is no failure {failure_id}.")
    if version is not None and failure.version != version:
        raise Conflict(
            f"The failure has changed since you saw it (you saw version {version}, it is {failure.version}).",
            current_status=failure.status,
        )
    return failure


def remove(session: Session, which: str, *, untouched_since: datetime, limit: int) -> int:
    """Delete the oldest closed failures, `which` is one of the two conditions of `failure`; return how many.

    Their reports, attempts and history go with them.
    """
    # Locked first: nobody reopens what is being deleted, and two workers take different ones.
    old = session.scalars(
        select(failures.c.id).where(text(which), failures.c.changed_at < untouched_since)
        .order_by(failures.c.changed_at).limit(limit).with_for_update(skip_locked=True)
    ).all()
    if old:
        session.execute(delete(failures).where(failures.c.id.in_(old)))
    return len(old)


def _write(session: Session, failure: Failure, now: datetime, values: dict[str, Any]) -> None:
    changed = session.connection().execute(
        update(failures)
        .where(failures.c.id == failure.id, failures.c.version == failure.version)
        .values(version=failures.c.version + 1, changed_at=now, **values)
    )
    if changed.rowcount != 1:
        raise Conflict("Another was faster.", current_status=failure.status)
    session.expire(failure)


_NEW = inserting(failures)
