"""Remove what nobody needs any more, in small bites."""

from datetime import timedelta

from sqlalchemy import delete

from app.desk import Desk
from app.models.session import WrongPassword
from app.services import sessions

WRONG_PASSWORDS_KEPT = timedelta(days=1)


def prune(desk: Desk) -> bool:
    """Delete sessions that have run out, and old wrong passwords; True when there were any."""
    ended = sessions.prune(desk)
    with desk.store.write() as session:
        forgotten = session.connection().execute(
            delete(WrongPassword).where(WrongPassword.at < desk.clock() - WRONG_PASSWORDS_KEPT)
        )
    return bool(ended or forgotten.rowcount)
