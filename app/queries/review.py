"""The review queue: what must be shipped first comes first, then the oldest."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from app.domain.status import Status
from app.models.failure import Failure
from app.queries import cursors
from app.queries.counts import is_status
from app.queries.cursors import Page
from app.queries.failures import COLUMNS, FailureRow, row_of
from app.queries.filters import FailureQuery
from app.queries.indexes import REVIEW, along

# Each leaves few to be sorted.
SELECTIVE = ("q", "orderId", "group", "assignee", "queue", "failedIn", "backIn", "putRightSince")


def queue(session: Session, query: FailureQuery) -> Page[FailureRow]:
    """Return a page of what needs a person. Raises Invalid for a broken cursor.

    Read in two parts, each along the index: what has a time to ship by, then what has none.
    """
    wanted = select(*COLUMNS).where(*query.model_copy(update={"status": Status.REVIEW}).conditions())
    if not any(getattr(query, name) for name in SELECTIVE):
        wanted = along(REVIEW, wanted)
    ship_by = at = last = None
    if query.cursor:
        ship_by, at, last = cursors.decode(query.cursor, datetime, datetime, str, nullable=1)
    rows: list[Any] = []
    if at is None or ship_by is not None:
        rows += session.execute(_dated(wanted, ship_by, at, last).limit(query.limit + 1)).all()
        at = last = None
    if len(rows) <= query.limit:
        rows += session.execute(_undated(wanted, at, last).limit(query.limit + 1 - len(rows))).all()
    shown, following = cursors.cut(rows, query.limit, "ship_by", "created_at", "id")
    return Page(tuple(row_of(row) for row in shown), following)


def next_ship_by(session: Session) -> datetime | None:
    """Return when the most urgent order of the queue must be shipped."""
    wanted = select(func.min(Failure.ship_by)).where(is_status(Status.REVIEW))
    soonest: datetime | None = session.scalar(along(REVIEW, wanted))
    return soonest


def _dated(wanted: Select[Any], ship_by: datetime | None, at: datetime | None, last: str | None) -> Select[Any]:
    key = (Failure.ship_by, Failure.created_at, Failure.id)
    statement = wanted.where(Failure.ship_by.is_not(None)).order_by(*key)
    return statement if at is None else statement.where(_after(key, (ship_by, at, last)))


def _undated(wanted: Select[Any], at: datetime | None, last: str | None) -> Select[Any]:
    key = (Failure.created_at, Failure.id)
    statement = wanted.where(Failure.ship_by.is_(None)).order_by(*key)
    return statement if at is None else statement.where(_after(key, (at, last)))


def _after(key: tuple[Any, ...], values: tuple[Any, ...]) -> Any:
    return tuple_(*key) > tuple_(*(literal(value, column.type) for column, value in zip(key, values, strict=True)))
