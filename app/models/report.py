"""What came, exactly: the bytes are the truth, every other table holds extractions of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, PlainJson


class StoredReport(Base):
    """A report or a dead letter as it came; never changed.

    `scope` and `key` recognise a repeat: the source and its idempotency key (REST and `failures.intake` alike),
    or the dead-letter queue and its message id.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    failure_id: Mapped[str] = mapped_column(Id, ForeignKey("failures.id", ondelete="CASCADE"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(String(300))
    via: Mapped[str] = mapped_column(String(8))  # rest | queue | dlq
    first_status: Mapped[str] = mapped_column(String(12))
    first_next_attempt_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    queue: Mapped[str | None] = mapped_column(String(255))
    message_id: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str | None] = mapped_column(Text)
    headers: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)
    body: Mapped[bytes] = mapped_column(LargeBinary)
