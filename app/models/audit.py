"""Who did what: one row per act of a person or a token. Triggers refuse to change or remove one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, ExactJson, Id

Hash = String(64)


class AuditEntry(Base):
    """One act: by whom, on what, why, and what it looked like before and after; `hash` as `domain.chain` makes it."""

    __tablename__ = "audit"
    __table_args__ = (  # each filter of the list has an index in the list's order
        Index(None, "at", "id"),
        Index(None, "actor", "at", "id"),
        Index(None, "action", "at", "id"),
        Index(None, "subject", "at", "id"),
        Index(None, "failure_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(40))
    failure_id: Mapped[str | None] = mapped_column(Id)
    subject: Mapped[str | None] = mapped_column(String(255))  # a target, a queue, a bulk operation, an account
    reason: Mapped[str | None] = mapped_column(Text)
    before: Mapped[Any | None] = mapped_column(ExactJson)
    after: Mapped[Any | None] = mapped_column(ExactJson)
    previous: Mapped[str] = mapped_column(Hash)
    hash: Mapped[str] = mapped_column(Hash)


class AuditHead(Base):
    """The end of the chain, in the one row that there is: who appends holds it, so that the chain does not fork."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    entries: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(Hash)
