"""Remove what nobody needs any more, in small bites."""

from datetime import timedelta

from sqlalchemy import delete

from app.desk import Desk
from app.models.session import WrongPassword
from app.services import retention, sessions

WRONG_PASSWORDS_KEPT = timedelta(days=1)


def prune(desk: Desk) -> bool:
    """Delete what has run out: sessions, wrong passwords, a chunk of closed failures; True when there was any."""
    ended = sessions.prune(desk)
    with desk.store.write() as session:
        forgotten = session.connection().execute(
            delete(WrongPassword).where(WrongPassword.at < desk.clock() - WRONG_PASSWORDS_KEPT)
        )
    return retention.prune(desk) or bool(ended or forgotten.rowcount)
