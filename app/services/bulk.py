"""Run bulk operations: all state is in the tables, so any worker goes on where another stopped.

An item and its failure change in one transaction: a worker that dies between two items loses and doubles nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain import canary, pacing
from app.domain.canary import Canary, Tried
from app.domain.status import Status
from app.errors import AppError
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import Failure
from app.services import review
from app.services.review import Within
from storage import rows_changed

BATCH = 20  # items in a round: pause and cancel are felt at the latest after so many
ROOM = 100  # retries under way at once, so that a pause holds back the rest
RUNNING = "running"


class _NotNow(Exception):
    """The rate, the canary, a pause or another worker says no: nothing of this item may be done now."""


@dataclass(frozen=True)
class _Job:
    """What is the same for every item of an operation."""

    id: str
    action: str
    actor: str
    reason: str
    assignee: str | None
    to_queue: str | None


def run_some(desk: Desk) -> bool:
    """Run the next items of every running bulk operation; True when there were any."""
    under_way = exists().where(BulkItem.bulk_id == BulkOperation.id, BulkItem.outcome == "started")
    held = BulkOperation.status.in_(("paused", "stopped", "cancelled")) & under_way
    with desk.store.read() as session:
        operations = session.execute(
            select(BulkOperation.id, BulkOperation.status).where(or_(BulkOperation.status == RUNNING, held))
            .order_by(BulkOperation.created_at)
        ).all()
    return sum([_advance(desk, bulk_id) if status == RUNNING else _settle(desk, bulk_id)
                for bulk_id, status in operations]) > 0


def _settle(desk: Desk, bulk_id: str) -> int:
    """End what was under way when an operation was held, and will never tell."""
    with desk.store.write() as session:
        operation = session.get_one(BulkOperation, bulk_id, with_for_update=True)
        return _drop_overtaken(session, operation, desk.store.now(session))


def _advance(desk: Desk, bulk_id: str) -> int:
    job, positions = _next(desk, bulk_id)
    for done, (position, failure_id) in enumerate(positions):
        try:
            _run(desk, job, position, failure_id)
        except _NotNow:
            return done
    return len(positions)


def _next(desk: Desk, bulk_id: str) -> tuple[_Job, list[tuple[int, str]]]:
    """Look at an operation: end it if it is at its end, else return its next items."""
    with desk.store.write() as session:
        operation = session.get_one(BulkOperation, bulk_id, with_for_update=True)
        job = _Job(operation.id, operation.action, operation.actor, operation.reason, operation.assignee,
                   operation.to_queue)
        if operation.status != RUNNING:
            return job, []
        now = desk.store.now(session)
        _drop_overtaken(session, operation, now)
        room = _room(session, operation, now)
        items = session.execute(
            select(BulkItem.position, BulkItem.failure_id)
            .where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == "pending")
            .order_by(BulkItem.position).limit(max(room, 1))
        ).all()
        if not items and not _count(session, bulk_id, "started", 1):
            operation.status, operation.finished_at = "done", now
        return job, [(position, failure_id) for position, failure_id in items[:room]]


def _room(session: Session, operation: BulkOperation, now: datetime) -> int:
    """Return how many items this round may try; stops the operation when its canary says so."""
    room = max(0, min(BATCH, ROOM - _count(session, operation.id, "started", ROOM)))
    if operation.rate_per_second is not None:
        room = min(room, pacing.slots(operation.next_free_at or now, now, operation.rate_per_second))
    first_ones = operation.first_ones
    if first_ones is None:
        return room
    tried = _tried(session, operation.id, first_ones)
    if canary.must_stop(first_ones, tried):
        operation.status, operation.finished_at = "stopped", now
        operation.stop_reason = f"{tried.failed} of the first {tried.number} failed."
        return 0
    allowed = canary.may_start(first_ones, tried)
    return room if allowed is None else min(room, allowed)


def _run(desk: Desk, job: _Job, position: int, failure_id: str) -> None:
    goes_on = job.action in ("retry", "replay")  # its attempt will tell how it ends
    try:
        _act(desk, job, failure_id, lambda session: _book(session, desk, job.id, position, goes_on))
    except AppError as error:
        with desk.store.write() as session:
            _mark(session, job.id, position, "skipped", desk.clock(), error.detail)


def _act(desk: Desk, job: _Job, failure_id: str, within: Within) -> None:
    match job.action:
        case "retry":
            review.retry(desk, failure_id, actor=job.actor, reason=job.reason, bulk_id=job.id, within=within)
        case "replay":
            review.retry(desk, failure_id, actor=job.actor, reason=job.reason, bulk_id=job.id, within=within,
                         remedy=_redirected(desk, job, failure_id))
        case "resolve":
            review.resolve(desk, failure_id, actor=job.actor, reason=job.reason, within=within)
        case "discard":
            review.discard(desk, failure_id, actor=job.actor, reason=job.reason, within=within)
        case "assign":
            review.assign(desk, failure_id, actor=job.actor, assignee=job.assignee, reason=job.reason, within=within)


def _redirected(desk: Desk, job: _Job, failure_id: str) -> Any:
    if job.to_queue is None:
        return None
    with desk.store.read() as session:
        remedy = session.scalar(select(Failure.remedy).where(Failure.id == failure_id))
    return None if remedy is None else remedy | {"queue": job.to_queue}


def _book(session: Session, desk: Desk, bulk_id: str, position: int, goes_on: bool) -> None:
    """Take the item within its failure's transaction. The operation's row is locked: workers take turns."""
    operation = session.get_one(BulkOperation, bulk_id, with_for_update=True, populate_existing=True)
    now = desk.store.now(session)
    if operation.status != RUNNING:
        raise _NotNow
    if operation.rate_per_second is not None:
        free = pacing.book(operation.next_free_at or now, now, operation.rate_per_second)
        if free is None:
            raise _NotNow
        operation.next_free_at = free
    if not _mark(session, bulk_id, position, "started" if goes_on else "succeeded", now):
        raise _NotNow


def _mark(
    session: Session, bulk_id: str, position: int, outcome: str, now: datetime, detail: str | None = None
) -> bool:
    """Give a pending item its outcome; False when another worker was faster."""
    changed = session.execute(
        update(BulkItem)
        .where(BulkItem.bulk_id == bulk_id, BulkItem.position == position, BulkItem.outcome == "pending")
        .values(outcome=outcome, detail=detail, at=now)
    )
    return rows_changed(changed) == 1


def _drop_overtaken(session: Session, operation: BulkOperation, now: datetime) -> int:
    """End items whose attempt will never tell: a person took the failure over, or it went to review unattempted.

    Returns how many.
    """
    waiting = and_(
        Failure.bulk_id == operation.id, Failure.status.in_((Status.SCHEDULED, Status.RUNNING))
    )
    rows = session.execute(
        select(BulkItem, Failure.reason, Failure.bulk_id, Failure.status)
        .join(Failure, Failure.id == BulkItem.failure_id)
        .where(BulkItem.bulk_id == operation.id, BulkItem.outcome == "started",
               or_(Failure.bulk_id.is_(None), ~waiting))
        .limit(ROOM)
    ).all()
    for item, reason, bulk_id, status in rows:
        given_up = bulk_id == operation.id and status == Status.REVIEW
        item.outcome, item.at = ("failed" if given_up else "skipped"), now
        item.detail = reason if given_up else "Somebody acted on it before its attempt."
    return len(rows)


def _tried(session: Session, bulk_id: str, first_ones: Canary) -> Tried:
    most = first_ones.size + 1
    return Tried(*(_count(session, bulk_id, outcome, most) for outcome in ("started", "succeeded", "failed")))


def _count(session: Session, bulk_id: str, outcome: str, most: int) -> int:
    """Count items, up to `most`: a round must not cost more the larger the set is."""
    some = select(BulkItem.position).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == outcome).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


