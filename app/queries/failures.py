"""Lists of failures."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.orm import Session

from app.domain.masking import masked_text
from app.domain.status import OPEN, Status
from app.domain.text import cut
from app.ids import is_id
from app.models.failure import Failure
from app.queries import cursors
from app.queries.counts import Count, count
from app.queries.cursors import Page
from app.queries.filters import FailureFilter, FailureQuery
from app.queries.indexes import along
from storage import UtcDateTime

SHOWN_IN_LISTS = 500  # characters of a message
MOST_COUNTED = 1000
_COUNTED = tuple(map(frozenset, (  # each by one index, so that no more than is counted is read
    {"status", "overdue"}, {"status", "dueWithinMinutes"}, {"source"}, {"group"}, {"orderId"}, {"assignee"},
    {"queue"}, {"putRightSince"},
)))
_FEW = ("q", "failedIn", "backIn", "notIn", "putRightSince")  # each names failures by their ids
_NARROWER = {
    "orderId": "ix_failures_order", "assignee": "ix_failures_assignee", "group": "ix_failures_group",
    "queue": "ix_failures_queue", "operation": "ix_failures_operation", "source": "ix_failures_source",
}


@dataclass(frozen=True)
class FailureRow:
    """One failure of a list; secrets are masked."""

    id: str
    status: str
    reason: str | None
    version: int
    source: str
    operation: str
    kind: str
    error_type: str
    error_message: str
    error_status: int | None
    order_id: str | None
    client_id: str | None
    queue: str | None
    message_id: str | None
    group_id: str
    assignee: str | None
    occurred_at: datetime | None
    ship_by: datetime | None
    created_at: datetime
    changed_at: datetime
    remedy_type: str | None
    target: str | None
    next_attempt_at: datetime | None
    lease_until: datetime | None
    confirm_by: datetime | None
    attempts_made: int

    @property
    def is_open(self) -> bool:
        """Tell whether it still has to be put right."""
        return self.status in OPEN

    def is_late(self, now: datetime) -> bool:
        """Tell whether its order should have been shipped."""
        return self.is_open and self.ship_by is not None and self.ship_by < now


NAMES = tuple(field.name for field in fields(FailureRow))
COLUMNS = tuple(getattr(Failure, name) for name in NAMES)
_TEXTS = ("reason", "error_type", "error_message", "order_id", "client_id", "message_id")


def listed(session: Session, query: FailureQuery) -> Page[FailureRow]:
    """Return a page of failures, newest first. Raises Invalid for a broken cursor."""
    statement = _of_the_resolved(query, select(*COLUMNS).where(*query.conditions()))
    if query.cursor:
        at, failure_id = cursors.decode(query.cursor, datetime, str)
        statement = statement.where(tuple_(Failure.created_at, Failure.id) < _key(at, failure_id))
    statement = statement.order_by(Failure.created_at.desc(), Failure.id.desc())
    return page_of(session, statement, query.limit, "created_at", "id")


def _of_the_resolved(query: FailureQuery, statement: Select[Any]) -> Select[Any]:
    """Have what is resolved found by what else is asked for: in time nearly all that is stored is resolved."""
    if query.status != Status.RESOLVED or any(getattr(query, name) for name in _FEW):
        return statement
    index = next((index for name, index in _NARROWER.items() if getattr(query, name)), None)
    return along(index, statement) if index else statement


def matching(session: Session, query: FailureQuery, page: Page[FailureRow]) -> Count:
    """Count what matches, up to 1,000, where one index tells or the page is all of it; else at least the page."""
    narrowed = query.model_dump(exclude_defaults=True, include=set(FailureFilter.model_fields)).keys()
    if any(narrowed <= indexed for indexed in _COUNTED):
        return count(session, MOST_COUNTED, *query.conditions())
    return Count(len(page.items), more=bool(query.cursor or page.next_cursor))


def page_of(session: Session, statement: Select[Any], limit: int, *key: str) -> Page[FailureRow]:
    """Read one page, and one row more to know whether there is another."""
    rows, following = cursors.cut(session.execute(statement.limit(limit + 1)).all(), limit, *key)
    return Page(tuple(row_of(row) for row in rows), following)


def row_of(row: Any, message_length: int = SHOWN_IN_LISTS) -> FailureRow:
    """Build a row from anything that has its columns."""
    values = {name: getattr(row, name) for name in NAMES}
    for name in _TEXTS:
        if values[name] is not None:
            values[name] = masked_text(values[name])
    values["error_message"] = cut(values["error_message"], message_length)
    return FailureRow(**values)


def named(session: Session, failure_ids: Sequence[str]) -> list[FailureRow]:
    """Return those of the named failures that there are, in any order."""
    rows = session.execute(select(*COLUMNS).where(Failure.id.in_(failure_ids)))
    return [row_of(row) for row in rows]


def one_row(session: Session, failure_id: str) -> FailureRow | None:
    """Return one failure as lists show it, or None."""
    if not is_id(failure_id):
        return None
    row = session.execute(select(*COLUMNS).where(Failure.id == failure_id.lower())).one_or_none()
    return row_of(row) if row else None


def _key(at: datetime, failure_id: str) -> ColumnElement[Any]:
    return tuple_(bindparam("at", at, UtcDateTime), bindparam("last", failure_id))
