"""Remove what nobody needs any more, in small bites."""

from datetime import timedelta

from sqlalchemy import delete

from app.desk import Desk
from app.models.session import WebSession, WrongPassword

SESSION_IDLE = timedelta(hours=8)
WRONG_PASSWORDS_KEPT = timedelta(days=1)


def prune(desk: Desk) -> bool:
    """Delete sessions that nobody used for a shift, and old wrong passwords; True when there were any."""
    now = desk.clock()
    with desk.store.write() as session:
        removed = [
            session.execute(delete(WebSession).where(WebSession.seen_at < now - SESSION_IDLE)),
            session.execute(delete(WrongPassword).where(WrongPassword.at < now - WRONG_PASSWORDS_KEPT)),
        ]
        return any(result.rowcount for result in removed)  # type: ignore[attr-defined]
