"""Groups: failures with one cause."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.domain.masking import masked_text
from app.domain.status import Status
from app.errors import NotFound
from app.models.failure import Failure
from app.models.group import Group, GroupTally
from app.queries import cursors
from app.queries.counts import Count, count, is_status
from app.queries.cursors import Page

NEWEST = 500
MOST_COUNTED = 1_000
_total = func.sum(GroupTally.total)
_open = func.sum(GroupTally.open)
_last = func.max(GroupTally.last_seen)


@dataclass(frozen=True)
class Known:
    """What reports name."""

    sources: list[str]
    operations: list[str]


class GroupQuery(BaseModel):
    """A page of the groups, the one seen last first; `open` leaves those out that nobody needs to look at."""

    source: str | None = None
    open: bool = False
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: str | None = None


@dataclass(frozen=True)
class GroupRow:
    """One cause, how often it struck, and how many of its failures are still open."""

    id: str
    title: str
    source: str
    operation: str
    kind: str
    error_type: str
    count: int
    open: int
    first_seen: datetime
    last_seen: datetime


def listed(session: Session, query: GroupQuery) -> Page[GroupRow]:
    """Return a page of groups. Raises Invalid for a broken cursor."""
    statement = _groups()
    if query.source:
        statement = statement.where(Group.source == query.source)
    if query.open:
        statement = statement.having(_open > 0)
    if query.cursor:
        seen, group_id = cursors.decode(query.cursor, datetime, str)
        statement = statement.having(or_(_last < seen, (_last == seen) & (Group.id < group_id)))
    statement = statement.order_by(_last.desc(), Group.id.desc()).limit(query.limit + 1)
    rows, following = cursors.cut(session.execute(statement).all(), query.limit, "last_seen", "id")
    return Page(tuple(map(_row, rows)), following)


def largest(session: Session, limit: int) -> list[GroupRow]:
    """Return the groups with the most open failures."""
    statement = _groups().having(_open > 0).order_by(_open.desc(), Group.id).limit(limit)
    return [_row(row) for row in session.execute(statement)]


def one(session: Session, group_id: str) -> GroupRow:
    """Return one group. Raises NotFound."""
    row = session.execute(_groups().where(Group.id == group_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no group {group_id}.")
    return _row(row)


def known(session: Session) -> Known:
    """Return what sources and operations the newest 500 groups name, for a choice."""
    newest = select(Group.source, Group.operation).order_by(Group.id.desc()).limit(NEWEST).subquery()
    pairs = session.execute(select(newest.c.source, newest.c.operation).distinct()).all()
    return Known(sorted({row.source for row in pairs}), sorted({row.operation for row in pairs}))


def in_review(session: Session, group_id: str) -> Count:
    """Count a group's failures that need a person, up to 1,000."""
    return count(session, MOST_COUNTED, is_status(Status.REVIEW), Failure.group_id == group_id)


def _groups() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Group.id, Group.title, Group.source, Group.operation, Group.kind, Group.error_type, Group.first_seen,
            _total.label("total"), _open.label("still_open"), _last.label("last_seen"),
        )
        .join(GroupTally, GroupTally.group_id == Group.id)
        .group_by(Group.id)
    )


def _row(row: Any) -> GroupRow:
    return GroupRow(
        row.id, masked_text(row.title), row.source, row.operation, row.kind, masked_text(row.error_type),
        int(row.total), int(row.still_open), row.first_seen, row.last_seen,
    )
