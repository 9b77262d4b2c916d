"""Bulk operations: how far they are, and what became of each item."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.domain import canary, steering
from app.domain.canary import Canary, Stage, Tried
from app.domain.masking import masked_text
from app.errors import NotFound
from app.models.bulk import BulkItem, BulkOperation
from app.queries import cursors
from app.queries.counts import Count
from app.queries.cursors import Page

UNDER_WAY = "Under way."
MOST_COUNTED = 1000  # items of each operation of a list
_STORED: dict[str | None, tuple[str, ...]] = {"pending": ("pending", "started")}  # what is shown as one outcome


class BulkItemsQuery(BaseModel):
    """A page of an operation's items, in order."""

    outcome: Literal["pending", "succeeded", "failed", "skipped"] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: str | None = None


@dataclass(frozen=True)
class BulkProgress:
    """One operation. pending + succeeded + failed + skipped = total; what is under way is still pending."""

    id: str
    action: str
    status: str
    actor: str
    reason: str
    total: int
    pending: int
    succeeded: int
    failed: int
    skipped: int
    stop_reason: str | None
    created_at: datetime
    finished_at: datetime | None
    under_way: int
    assignee: str | None
    to_queue: str | None
    filter: dict[str, Any] | None
    per_second: float | None  # the most that it may do
    canary: Canary | None

    @property
    def acts(self) -> tuple[str, ...]:
        """Return how it may be steered now."""
        return steering.acts(self.status)

    @property
    def may_try_failed(self) -> bool:
        """Tell whether those that failed may be tried again: while it runs, more may fail."""
        return bool(self.failed) and self.status != "running"

    @property
    def stage(self) -> Stage | None:
        """Return the canary's step that is under way."""
        if self.canary is None or self.status == "stopped":
            return None
        return canary.stage(self.canary, Tried(self.under_way, self.succeeded, self.failed))

    @property
    def has_ended(self) -> bool:
        return self.status in ("done", "cancelled") and not self.under_way


@dataclass(frozen=True)
class BulkRow:
    """One operation of a list."""

    id: str
    action: str
    status: str
    actor: str
    reason: str
    total: int
    created_at: datetime
    succeeded: Count
    failed: Count


@dataclass(frozen=True)
class BulkItemRow:
    """One failure of the operation."""

    id: str
    outcome: str
    detail: str | None


def progress(session: Session, bulk_id: str) -> BulkProgress:
    """Return how far an operation is. Raises NotFound."""
    operation = session.get(BulkOperation, bulk_id)
    if operation is None:
        raise NotFound(f"There is no bulk operation {bulk_id}.")
    return _progress(session, operation)


def newest(session: Session, limit: int) -> list[BulkRow]:
    """Return the newest operations, with how many items succeeded and failed, up to 1,000 each."""
    ended = (_number("succeeded"), _number("failed"))
    rows = session.execute(select(BulkOperation, *ended).order_by(BulkOperation.id.desc()).limit(limit))
    return [
        BulkRow(row.id, row.action, row.status, row.actor, masked_text(row.reason), row.total, row.created_at,
                *(Count(min(number, MOST_COUNTED), number > MOST_COUNTED) for number in numbers))
        for row, *numbers in rows
    ]


def _number(outcome: str) -> ColumnElement[int]:
    # Bounded, and within the list's one statement: some of its operations have a hundred thousand items.
    some = (
        select(BulkItem.position).where(BulkItem.bulk_id == BulkOperation.id, BulkItem.outcome == outcome)
        .limit(MOST_COUNTED + 1).correlate(BulkOperation).subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def items(session: Session, bulk_id: str, query: BulkItemsQuery) -> Page[BulkItemRow]:
    """Return a page of an operation's items. Raises Invalid for a broken cursor."""
    statement = select(BulkItem).where(BulkItem.bulk_id == bulk_id).order_by(BulkItem.position).limit(query.limit + 1)
    if query.cursor:
        statement = statement.where(BulkItem.position > cursors.decode(query.cursor, int)[0])
    rows: list[BulkItem] = []
    # Each outcome by itself: the index has its items in order, but those of two would have to be sorted.
    for outcome in _STORED.get(query.outcome, (query.outcome,)):
        rows += session.scalars(statement.where(BulkItem.outcome == outcome) if outcome else statement)
    rows.sort(key=lambda row: row.position)
    shown, following = cursors.cut(rows, query.limit, "position")
    return Page(tuple(map(_item, shown)), following)


def _progress(session: Session, operation: BulkOperation) -> BulkProgress:
    number = func.count().label("number")
    rows = session.execute(
        select(BulkItem.outcome, number).where(BulkItem.bulk_id == operation.id).group_by(BulkItem.outcome)
    )
    counts: dict[str, int] = {row.outcome: row.number for row in rows}
    return BulkProgress(
        operation.id, operation.action, operation.status, operation.actor, masked_text(operation.reason),
        operation.total, counts.get("pending", 0) + counts.get("started", 0), counts.get("succeeded", 0),
        counts.get("failed", 0), counts.get("skipped", 0), operation.stop_reason, operation.created_at,
        operation.finished_at, counts.get("started", 0), operation.assignee, operation.to_queue, operation.filter,
        operation.rate_per_second, operation.first_ones,
    )


def _item(row: BulkItem) -> BulkItemRow:
    if row.outcome == "started":
        return BulkItemRow(row.failure_id, "pending", UNDER_WAY)
    return BulkItemRow(row.failure_id, row.outcome, None if row.detail is None else masked_text(row.detail))
