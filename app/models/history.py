"""Every change of a failure: when, who, from, to, why; written in the change's own transaction."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, ExactJson, Id
from storage import inserting


class Event(Base):
    """One row of a failure's history."""

    __tablename__ = "events"
    __table_args__ = (Index(None, "failure_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    failure_id: Mapped[str] = mapped_column(Id, ForeignKey("failures.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(20))
    from_status: Mapped[str | None] = mapped_column(String(12))
    to_status: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    attempt: Mapped[int | None]
    before: Mapped[Any | None] = mapped_column(ExactJson)
    after: Mapped[Any | None] = mapped_column(ExactJson)


SYSTEM = "system"

events = cast(Table, Event.__table__)
new_events = inserting(events)


def event_row(
    failure_id: str, at: datetime, actor: str, action: str, old: str | None, new: str | None,
    reason: str | None, attempt: int | None = None, before: Any = None, after: Any = None,
) -> dict[str, Any]:
    """Build one row of the `events` table."""
    row = {  # plain strings: SQLite's driver asks long what an enumeration's member might be
        "failure_id": failure_id, "at": at, "actor": actor, "action": str(action),
        "from_status": None if old is None else str(old), "to_status": None if new is None else str(new),
        "reason": reason, "attempt": attempt,
    }
    return row if before is after is None else row | {"before": before, "after": after}
