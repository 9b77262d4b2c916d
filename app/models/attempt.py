"""One run of a remedy: written before the run, so that a crash leaves evidence."""

from datetime import datetime
from typing import cast

from sqlalchemy import BigInteger, ForeignKey, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id


class Attempt(Base):
    """An attempt; without `finished_at` it is under way, or its worker died before it could tell."""

    __tablename__ = "attempts"

    failure_id: Mapped[str] = mapped_column(Id, ForeignKey("failures.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fence: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(255))
    worker: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(Text)


attempts = cast(Table, Attempt.__table__)
