"""How a bulk operation goes: how fast, until when, why some failed, and what came in since it began."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from app.domain.masking import masked_text
from app.domain.status import Status
from app.models.bulk import BulkItem
from app.models.failure import Failure
from app.queries.bulk import BulkProgress
from app.queries.counts import Count
from app.queries.filters import FailureFilter

TRIED_AGAIN = ("retry", "replay")
LATELY = timedelta(minutes=1)
LAST = 200  # items whose times tell the speed
MOST_FAILED = 200  # failed items whose reasons are read
MOST_SENT = 1_000  # items that succeeded whose messages are looked after
MOST_ARRIVED = 1_000  # failures that are looked at for those that came in since


@dataclass(frozen=True)
class Pace:
    """Items per second over the last minute, and the time that the rest takes at this speed."""

    per_second: float
    rest: timedelta


@dataclass(frozen=True)
class Afterwards:
    """What became of items that succeeded: sent and not confirmed yet; come back, so that they need a person."""

    unconfirmed: Count
    back: Count


def pace(session: Session, progress: BulkProgress, now: datetime) -> Pace | None:
    """Measure how fast items end; None when none did within the last minute, or all have ended."""
    since = now - LATELY
    last = union_all(*(_last(progress.id, outcome, since) for outcome in ("succeeded", "failed"))).subquery()
    number, first = session.execute(select(func.count(), func.min(last.c.at))).one()
    if not number or not progress.pending or progress.status != "running":
        return None
    per_second = number / max((now - first).total_seconds(), 1.0)
    return Pace(per_second, timedelta(seconds=progress.pending / per_second))


def reasons(session: Session, bulk_id: str, most: int = 3) -> list[tuple[str, int]]:
    """Return why items failed, the most frequent reason first, as far as the first of them tell."""
    some = (
        select(BulkItem.detail).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == "failed")
        .order_by(BulkItem.position).limit(MOST_FAILED).subquery()
    )
    number = func.count().label("number")
    rows = session.execute(
        select(some.c.detail, number).where(some.c.detail.is_not(None)).group_by(some.c.detail)
        .order_by(number.desc(), some.c.detail).limit(most)
    )
    return [(masked_text(row.detail), row.number) for row in rows]


def arrived(session: Session, progress: BulkProgress) -> Count:
    """Count what matches the operation's filter now and is not among its items, within the newest that match."""
    wider = since_then(progress)
    if wider is None:
        return Count(0)
    newest = (
        select(Failure.id).where(*FailureFilter.model_validate(wider | {"notIn": None}).conditions())
        .order_by(Failure.created_at.desc(), Failure.id.desc()).limit(MOST_ARRIVED).subquery()
    )
    others = select(BulkItem.failure_id).where(BulkItem.bulk_id == progress.id, BulkItem.failure_id == newest.c.id)
    number, looked_at = session.execute(
        select(func.count().filter(~others.exists()), func.count()).select_from(newest)
    ).one()
    return Count(number, more=number > 0 and looked_at == MOST_ARRIVED)


def afterwards(session: Session, progress: BulkProgress) -> Afterwards:
    """Look at the last that was tried again or sent: what is not confirmed yet, and what needs a person again."""
    if not progress.succeeded or progress.action not in TRIED_AGAIN:
        return Afterwards(Count(0), Count(0))
    last = (
        select(BulkItem.failure_id).where(BulkItem.bulk_id == progress.id, BulkItem.outcome == "succeeded")
        .order_by(BulkItem.position.desc()).limit(MOST_SENT).subquery()
    )
    numbers = session.execute(
        select(*(func.count().filter(Failure.status == status) for status in (Status.SENT, Status.REVIEW)))
        .select_from(last).join(Failure, Failure.id == last.c.failure_id)
    ).one()
    is_all = progress.succeeded <= MOST_SENT
    return Afterwards(*(Count(number, more=number > 0 and not is_all) for number in numbers))


def since_then(progress: BulkProgress) -> dict[str, Any] | None:
    """Return the filter of what came in since an operation began; None when it was over what had been chosen before.

    That is over failures that were named, or those that another operation left over.
    """
    if progress.filter is None or progress.filter.keys() & {"failedIn", "backIn", "notIn"}:
        return None
    return {name: value for name, value in progress.filter.items() if name != "until"} | {"notIn": progress.id}


def queue_of(session: Session, progress: BulkProgress) -> str | None:
    """Return the dead-letter queue whose messages a replay sends again."""
    if progress.action != "replay":
        return None
    return session.scalar(
        select(Failure.queue).join(BulkItem, BulkItem.failure_id == Failure.id)
        .where(BulkItem.bulk_id == progress.id, Failure.queue.is_not(None)).order_by(BulkItem.position).limit(1)
    )


def _last(bulk_id: str, outcome: str, since: datetime) -> Select[tuple[datetime | None]]:
    newest = (
        select(BulkItem.at).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == outcome)
        .order_by(BulkItem.position.desc()).limit(LAST).subquery()
    )
    return select(newest.c.at).where(newest.c.at >= since)
