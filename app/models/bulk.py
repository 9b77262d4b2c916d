"""One act over a frozen set of failures, with an outcome for each."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.canary import Canary
from app.models.base import Base, Id, PlainJson


class BulkOperation(Base):
    """A bulk operation; its items were frozen at the start, so nothing that arrives later is touched."""

    __tablename__ = "bulk_operations"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    action: Mapped[str] = mapped_column(String(12))  # retry | resolve | discard | assign | replay
    status: Mapped[str] = mapped_column(String(12), index=True)  # running | paused | stopped | cancelled | done
    actor: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    assignee: Mapped[str | None] = mapped_column(String(255))
    to_queue: Mapped[str | None] = mapped_column(String(255))
    filter: Mapped[Any | None] = mapped_column(PlainJson)
    rate_per_second: Mapped[float | None]
    canary: Mapped[Any | None] = mapped_column(PlainJson)  # {"steps": [1, 5], "stopAbove": 0.2}
    total: Mapped[int]
    stop_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    next_free_at: Mapped[datetime | None]  # rate limit over all workers: when the next item may start

    @property
    def first_ones(self) -> Canary | None:
        """Return how a few are tried first."""
        stored = self.canary
        return None if stored is None else Canary(tuple(stored["steps"]), stored["stopAbove"])


class BulkItem(Base):
    """One failure of a bulk operation. `outcome`: pending | started | succeeded | failed | skipped."""

    __tablename__ = "bulk_items"
    __table_args__ = (Index(None, "bulk_id", "outcome", "position"), Index(None, "failure_id", "bulk_id"))

    bulk_id: Mapped[str] = mapped_column(
        Id, ForeignKey("bulk_operations.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failure_id: Mapped[str] = mapped_column(Id)
    outcome: Mapped[str] = mapped_column(String(12), default="pending")
    detail: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime | None]
