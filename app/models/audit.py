"""Who did what: one row per act of a person or a token. Nothing changes or removes one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, ExactJson, Id


class AuditEntry(Base):
    """One act: by whom, on what, why, and what it looked like before and after."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "failure_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(40))
    failure_id: Mapped[str | None] = mapped_column(Id)
    subject: Mapped[str | None] = mapped_column(String(255))  # a target, a queue, a bulk operation, an account
    reason: Mapped[str | None] = mapped_column(Text)
    before: Mapped[Any | None] = mapped_column(ExactJson)
    after: Mapped[Any | None] = mapped_column(ExactJson)
