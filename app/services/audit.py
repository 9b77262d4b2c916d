"""Write down who did what, in the act's own transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.models.audit import AuditEntry


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    now: datetime,
    failure_id: str | None = None,
    subject: str | None = None,
    reason: str | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Append one entry; `subject` names what was acted on where it is no failure."""
    session.execute(
        insert(AuditEntry).values(
            at=now, actor=actor, action=action, failure_id=failure_id, subject=subject, reason=reason,
            before=before, after=after,
        )
    )
