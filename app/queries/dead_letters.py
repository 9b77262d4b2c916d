"""The dead letters of a queue that are stored here and still open, the oldest first, to be looked through."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from app.domain.status import Status
from app.models.failure import Failure
from app.models.report import StoredReport
from app.queries import cursors
from app.queries.cursors import Page
from app.queries.filters import ListFilter
from app.queries.indexes import OPEN_QUEUE, along, is_open
from app.queries.queues import MessageRow, message_row
from messaging import Message


class DeadLetterQuery(ListFilter):
    """A filter and a page of it, the oldest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: str | None = None


@dataclass(frozen=True)
class DeadLetter:
    """A stored message, and where its failure stands."""

    failure_id: str
    status: str
    order_id: str | None
    target: str | None  # the queue that it goes to when it is sent again
    message: MessageRow

    @property
    def may_replay(self) -> bool:
        """Tell whether it may be sent again by hand: only what needs a person."""
        return self.status == Status.REVIEW


def stored(session: Session, name: str, query: DeadLetterQuery) -> Page[DeadLetter]:
    """Return a page of what was taken from a dead-letter queue. Raises Invalid for a broken cursor."""
    statement = (
        select(StoredReport, Failure.id, Failure.status, Failure.order_id, Failure.target, Failure.created_at)
        .join(Failure, Failure.id == StoredReport.failure_id)
        .where(*query.model_copy(update={"queue": name}).conditions(), is_open())
    )
    key = (Failure.created_at, Failure.id)
    if query.cursor:
        after = cursors.decode(query.cursor, datetime, str)
        values = (literal(value, column.type) for column, value in zip(key, after, strict=True))
        statement = statement.where(tuple_(*key) > tuple_(*values))
    rows = session.execute(along(OPEN_QUEUE, statement).order_by(*key).limit(query.limit + 1)).all()
    shown, following = cursors.cut(rows, query.limit, "created_at", "id")
    return Page(tuple(
        DeadLetter(row.id, row.status, row.order_id, row.target, _message(row.StoredReport, row.created_at))
        for row in shown
    ), following)


def _message(report: StoredReport, at: datetime) -> MessageRow:
    message = Message(report.body, report.message_id, report.content_type, report.headers or {})
    return message_row(report.message_id or report.failure_id, message, report.failure_id, at)
