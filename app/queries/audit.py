"""Who did what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import Session

from app.domain.masking import masked, masked_text
from app.models.audit import AuditEntry
from app.queries import cursors
from app.queries.cursors import Page
from app.queries.filters import SinceUntil, Text
from storage import UtcDateTime


class AuditQuery(BaseModel):
    """A page of the audit, newest first; all that is given must hold. `since` is included, `until` is not."""

    actor: Text | None = None
    action: Text | None = None
    failureId: Annotated[str, Field(max_length=36)] | None = None
    subject: Text | None = None
    since: SinceUntil = None
    until: SinceUntil = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filter as conditions on the entries."""
        equal: dict[Any, Any] = {
            AuditEntry.actor: self.actor, AuditEntry.action: self.action, AuditEntry.failure_id: self.failureId,
            AuditEntry.subject: self.subject,
        }
        conditions: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value]
        if self.since:
            conditions.append(AuditEntry.at >= self.since)
        if self.until:
            conditions.append(AuditEntry.at < self.until)
        return conditions


@dataclass(frozen=True)
class AuditRow:
    """One act; `subject` names what was acted on where it is no failure."""

    id: int
    at: datetime
    actor: str
    action: str
    failure_id: str | None
    subject: str | None
    reason: str | None
    before: Any
    after: Any


def listed(session: Session, query: AuditQuery) -> Page[AuditRow]:
    """Return a page of the audit. Raises Invalid for a broken cursor."""
    key = AuditEntry.at, AuditEntry.id
    statement = select(AuditEntry).where(*query.conditions())
    if query.cursor:
        at, number = cursors.decode(query.cursor, datetime, int)
        statement = statement.where(tuple_(*key) < tuple_(literal(at, UtcDateTime), literal(number)))
    newest_first = statement.order_by(*(column.desc() for column in key)).limit(query.limit + 1)
    shown, following = cursors.cut(session.scalars(newest_first).all(), query.limit, "at", "id")
    return Page(tuple(map(_row, shown)), following)


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        entry.id, entry.at, entry.actor, entry.action, entry.failure_id, entry.subject,
        None if entry.reason is None else masked_text(entry.reason), masked(entry.before), masked(entry.after),
    )
