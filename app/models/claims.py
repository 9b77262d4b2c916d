"""The worker's side of a failure's life: claim, give back, settle. With `transitions`, the only writers of status.

None commits: the services do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Column, bindparam, delete, literal_column, select, update
from sqlalchemy.orm import Session

from app.domain.status import CLOSED, Status
from app.models.attempt import attempts
from app.models.failure import failures
from app.models.history import SYSTEM, event_row, new_events
from app.models.tallies import count_open
from storage import Prepared, inserting


@dataclass(frozen=True)
class Claimed:
    """A failure that this worker holds until `lease_until`, and the attempt that is written for it."""

    id: str
    fence: int
    attempt: int
    remedy: dict[str, Any]
    attempts_counted: int
    source: str
    order_id: str | None
    traceparent: str | None
    group_id: str
    bulk_id: str | None


@dataclass(frozen=True)
class Settled:
    """How an attempt ended, and where its failure goes."""

    claimed: Claimed
    outcome: str
    detail: str
    status: Status
    reason: str | None = None
    next_attempt_at: datetime | None = None
    confirm_by: datetime | None = None


def claim(
    session: Session, target: str, *, now: datetime, lease: timedelta, worker: str, limit: int
) -> list[Claimed]:
    """Take up to `limit` due failures of one target: lease, fence and attempt are written, the oldest due first."""
    connection = session.connection()
    due = connection.execute(_DUE, {"target": target, "now": now, "limit": limit}).all()
    if not due:
        return []
    taken = [_claimed(row) for row in due]
    connection.execute(_TAKE, {"keys": [row.id for row in due], "now": now, "lease_until": now + lease})
    _NEW_ATTEMPTS.run(
        connection,
        [
            {
                "failure_id": row.id, "number": row.attempts_made + 1, "fence": row.fence + 1, "worker": worker,
                "actor": row.requested_by or SYSTEM, "started_at": now,
            }
            for row in due
        ],
    )
    new_events.run(
        connection,
        [
            event_row(row.id, now, row.requested_by or SYSTEM, "claimed", Status.SCHEDULED, Status.RUNNING, None,
                   attempt=row.attempts_made + 1)
            for row in due
        ],
    )
    return taken


def still_held(session: Session, claimed: Iterable[Claimed]) -> set[str]:
    """Return the ids whose lease is still ours: same fence, still running. Locks those rows."""
    fences = {item.id: item.fence for item in claimed}
    rows = session.connection().execute(_LOCK, {"keys": list(fences)})
    return {row.id for row in rows if row.status == Status.RUNNING and row.fence == fences[row.id]}


def settle(session: Session, settled: Sequence[Settled], *, now: datetime) -> list[Settled]:
    """Record how attempts ended, guarded by their fences; return those that were ours to record.

    A worker that lost its lease (frozen, then woken) is not among them: another worker's word counts.
    """
    held = still_held(session, (item.claimed for item in settled))
    ours = [item for item in settled if item.claimed.id in held]
    if not ours:
        return []
    connection = session.connection()
    _SETTLE.run(connection, [_settlement(item, now) for item in ours])
    _FINISH.run(
        connection,
        [
            {"key": item.claimed.id, "attempt": item.claimed.attempt, "now": now, "outcome": str(item.outcome),
             "detail": item.detail}
            for item in ours
        ],
    )
    new_events.run(
        connection,
        [
            event_row(item.claimed.id, now, SYSTEM, item.outcome, Status.RUNNING, item.status,
                   item.reason or item.detail, attempt=item.claimed.attempt)
            for item in ours
        ],
    )
    count_open(connection, [(item.claimed.group_id, item.claimed.id, -1) for item in ours if item.status in CLOSED])
    return ours


def give_back(session: Session, claimed: Sequence[Claimed], *, now: datetime, reason: str) -> None:
    """Return failures whose attempt was never begun: due at once, nothing counted, the attempt row removed."""
    held = still_held(session, claimed)
    ours = [item for item in claimed if item.id in held]
    if not ours:
        return
    connection = session.connection()
    connection.execute(_GIVE_BACK, [{"key": item.id, "now": now} for item in ours])
    connection.execute(_UNWRITE, [{"key": item.id, "attempt": item.attempt} for item in ours])
    new_events.run(
        connection,
        [
            event_row(item.id, now, SYSTEM, "given_back", Status.RUNNING, Status.SCHEDULED, reason, item.attempt)
            for item in ours
        ],
    )


def _claimed(row: Any) -> Claimed:
    return Claimed(
        row.id, row.fence + 1, row.attempts_made + 1, row.remedy, row.attempts_counted, row.source,
        row.order_id, row.traceparent, row.group_id, row.bulk_id,
    )


def _settlement(item: Settled, now: datetime) -> dict[str, Any]:
    return {
        "key": item.claimed.id, "held": item.claimed.fence, "now": now, "status_": str(item.status),
        "reason_": item.reason, "next_": item.next_attempt_at, "confirm_": item.confirm_by,
    }


def _for(column: Column[Any], name: str) -> BindParameter[Any]:
    return bindparam(name, type_=column.type)


_DUE = (
    select(
        failures.c.id, failures.c.fence, failures.c.attempts_made, failures.c.attempts_counted, failures.c.remedy,
        failures.c.requested_by, failures.c.source, failures.c.order_id, failures.c.traceparent, failures.c.group_id,
        failures.c.bulk_id,
    )
    .where(
        # written out: a partial index is used only for a constant that the planner can see
        failures.c.status == literal_column("'scheduled'"),
        failures.c.target == bindparam("target"),
        failures.c.next_attempt_at <= bindparam("now"),
    )
    .order_by(failures.c.next_attempt_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


# By the keys alone: the rows are locked, and asked for a status, SQLite would walk through all that have it.
_TAKE = (
    update(failures)
    .where(failures.c.id.in_(bindparam("keys", expanding=True)))
    .values(
        status=Status.RUNNING, fence=failures.c.fence + 1, version=failures.c.version + 1,
        attempts_made=failures.c.attempts_made + 1, next_attempt_at=None,
        lease_until=bindparam("lease_until"), changed_at=bindparam("now"),
    )
)


_LOCK = (
    select(failures.c.id, failures.c.status, failures.c.fence)
    .where(failures.c.id.in_(bindparam("keys", expanding=True)))
    .with_for_update()
)


_SETTLE = Prepared(
    lambda _engine: update(failures)
    .where(
        failures.c.id == bindparam("key"), failures.c.fence == bindparam("held"),
        failures.c.status == Status.RUNNING,
    )
    .values(
        status=_for(failures.c.status, "status_"), reason=_for(failures.c.reason, "reason_"),
        next_attempt_at=_for(failures.c.next_attempt_at, "next_"),
        confirm_by=_for(failures.c.confirm_by, "confirm_"), changed_at=_for(failures.c.changed_at, "now"),
        lease_until=None, bulk_id=None, requested_by=None, abandoned_in_a_row=0,
        attempts_counted=failures.c.attempts_counted + 1, version=failures.c.version + 1,
    )
)


_FINISH = Prepared(
    lambda _engine: update(attempts)
    .where(attempts.c.failure_id == bindparam("key"), attempts.c.number == bindparam("attempt"))
    .values(
        finished_at=_for(attempts.c.finished_at, "now"), outcome=_for(attempts.c.outcome, "outcome"),
        detail=_for(attempts.c.detail, "detail"),
    )
)


_GIVE_BACK = (
    update(failures)
    .where(failures.c.id == bindparam("key"), failures.c.status == Status.RUNNING)
    .values(
        status=Status.SCHEDULED, next_attempt_at=bindparam("now"), lease_until=None,
        attempts_made=failures.c.attempts_made - 1, version=failures.c.version + 1, changed_at=bindparam("now"),
    )
)


_UNWRITE = delete(attempts).where(
    attempts.c.failure_id == bindparam("key"), attempts.c.number == bindparam("attempt")
)

_NEW_ATTEMPTS = inserting(attempts)
