"""Who did what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.masking import masked, masked_text
from app.models.audit import AuditEntry
from app.queries import cursors
from app.queries.cursors import Page


class AuditQuery(BaseModel):
    """A page of the audit, newest first; of one failure where its id is given."""

    failureId: Annotated[str, Field(max_length=36)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: str | None = None


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
    statement = select(AuditEntry)
    if query.failureId:
        statement = statement.where(AuditEntry.failure_id == query.failureId)
    if query.cursor:
        statement = statement.where(AuditEntry.id < cursors.decode(query.cursor, int)[0])
    rows = session.scalars(statement.order_by(AuditEntry.id.desc()).limit(query.limit + 1)).all()
    shown, following = cursors.cut(rows, query.limit, "id")
    return Page(tuple(map(_row, shown)), following)


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        entry.id, entry.at, entry.actor, entry.action, entry.failure_id, entry.subject,
        None if entry.reason is None else masked_text(entry.reason), masked(entry.before), masked(entry.after),
    )
