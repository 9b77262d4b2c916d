"""One thing that went wrong. Its status is written in `transitions` alone."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, ForeignKey, Index, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ExactJson, Id

# Whoever asks must use these very words: only then is the partial index used. IS TRUE makes one condition of two, each
# of which SQLite would rather look up in another index, and then sort all that it finds.
CLOSED = "(status IN ('resolved', 'discarded') AND order_id IS NULL) IS TRUE"
CLOSED_WITH_ORDER = "(status IN ('resolved', 'discarded') AND order_id IS NOT NULL) IS TRUE"
OPEN = "(failures.status NOT IN ('resolved', 'discarded')) IS TRUE"


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Failure(Base):
    """A failure: where it stands in its life, and what people search it by.

    `version` grows with every change (optimistic locking), `fence` with every claim (so that a worker that lost
    its lease can write nothing any more). `attempts_counted` is what the schedule has used up.
    """

    __tablename__ = "failures"
    __table_args__ = (
        _partial("ix_failures_due", "target", "next_attempt_at", where="status = 'scheduled'"),
        _partial("ix_failures_lease", "lease_until", where="status = 'running'"),
        _partial("ix_failures_confirm", "confirm_by", where="status = 'sent'"),
        _partial("ix_failures_review", "ship_by", "created_at", "id", where="status = 'review'"),
        _partial("ix_failures_closed", "changed_at", where=CLOSED),
        _partial("ix_failures_closed_order", "changed_at", where=CLOSED_WITH_ORDER),
        Index("ix_failures_created", "created_at", "id"),
        Index("ix_failures_status", "status", "created_at", "id"),
        Index("ix_failures_order", "order_id", "created_at"),
        Index("ix_failures_client", "client_id", "created_at"),
        _partial("ix_failures_message", "message_id", "created_at", where="message_id IS NOT NULL"),
        Index("ix_failures_group", "group_id", "created_at", "id"),
        _partial("ix_failures_group_review", "group_id", where="status = 'review'"),
        Index("ix_failures_source", "source", "created_at", "id"),
        Index("ix_failures_operation", "operation", "created_at", "id"),
        _partial("ix_failures_queue", "queue", "created_at", "id", where="queue IS NOT NULL"),
        _partial("ix_failures_open_queue", "queue", "created_at", "id", where=f"queue IS NOT NULL AND {OPEN}"),
        _partial("ix_failures_assignee", "assignee", "created_at", where="assignee IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    source: Mapped[str] = mapped_column(String(255))
    operation: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(12))
    error_type: Mapped[str] = mapped_column(String(255))
    error_message: Mapped[str] = mapped_column(Text)
    error_status: Mapped[int | None] = mapped_column(BigInteger)
    order_id: Mapped[str | None] = mapped_column(String(255))
    client_id: Mapped[str | None] = mapped_column(String(255))
    queue: Mapped[str | None] = mapped_column(String(255))  # the dead-letter queue that it was taken from
    message_id: Mapped[str | None] = mapped_column(String(255))
    traceparent: Mapped[str | None] = mapped_column(String(255))
    occurred_at: Mapped[datetime | None]
    ship_by: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    group_id: Mapped[str] = mapped_column(Id, ForeignKey("groups.id"))
    assignee: Mapped[str | None] = mapped_column(String(255))

    remedy: Mapped[dict[str, Any] | None] = mapped_column(ExactJson)
    remedy_type: Mapped[str | None] = mapped_column(String(20))
    target: Mapped[str | None] = mapped_column(String(255))
    next_attempt_at: Mapped[datetime | None]
    requested_by: Mapped[str | None] = mapped_column(String(255))  # the person behind the next attempt
    bulk_id: Mapped[str | None] = mapped_column(Id)  # the bulk operation behind it
    attempts_made: Mapped[int] = mapped_column(default=0)
    attempts_counted: Mapped[int] = mapped_column(default=0)
    abandoned_in_a_row: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(BigInteger, default=0)
    lease_until: Mapped[datetime | None]
    confirm_by: Mapped[datetime | None]


failures = cast(Table, Failure.__table__)
