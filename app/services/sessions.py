"""Browser sessions, kept here: the cookie is only a random key, and a sign-out ends every copy of it."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from app.desk import Desk
from app.models.session import WebSession

IDLE = timedelta(hours=8)  # a shift
ABSOLUTE = timedelta(hours=12)
ANONYMOUS_IDLE = timedelta(hours=1)  # holds no more than the token of a sign-in form
SEEN_EVERY = timedelta(minutes=1)  # so that a page that polls does not write at every poll


@dataclass(frozen=True)
class Browser:
    """Where a session is used from, for the list of a person's sign-ins."""

    address: str | None
    agent: str | None


def load(desk: Desk, key: str) -> dict[str, Any] | None:
    """Return what a session holds; None when there is none, or it has run out."""
    now = desk.clock()
    with desk.store.read() as session:
        row = session.get(WebSession, _digest(key))
    if row is None or row.created_at < now - ABSOLUTE:
        return None
    if row.seen_at < now - (IDLE if row.user_id is not None else ANONYMOUS_IDLE):
        return None
    if row.seen_at < now - SEEN_EVERY:
        _write(desk, key, seen_at=now)
    return dict(row.data)


def create(desk: Desk, key: str, data: dict[str, Any], *, user_id: int | None, browser: Browser) -> None:
    """Begin a session under a new key."""
    now = desk.clock()
    with desk.store.write() as session:
        session.add(
            WebSession(
                id_hash=_digest(key), user_id=user_id, data=data, created_at=now, seen_at=now,
                address=browser.address, agent=browser.agent,
            )
        )


def save(desk: Desk, key: str, data: dict[str, Any]) -> None:
    """Keep what a session holds now; one that was ended meanwhile stays ended."""
    _write(desk, key, data=data)


def end(desk: Desk, key: str) -> None:
    """End a session, for every copy of its cookie."""
    with desk.store.write() as session:
        session.execute(delete(WebSession).where(WebSession.id_hash == _digest(key)))


def end_all(session: Session, user_id: int) -> None:
    """End every session of a person, in the caller's transaction."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def prune(desk: Desk) -> int:
    """Remove the sessions that have run out; return how many."""
    now = desk.clock()
    with desk.store.write() as session:
        return session.connection().execute(
            delete(WebSession).where(
                or_(
                    WebSession.seen_at < now - IDLE,
                    WebSession.created_at < now - ABSOLUTE,
                    WebSession.user_id.is_(None) & (WebSession.seen_at < now - ANONYMOUS_IDLE),
                )
            )
        ).rowcount


def _write(desk: Desk, key: str, **values: Any) -> None:
    with desk.store.write() as session:
        session.execute(update(WebSession).where(WebSession.id_hash == _digest(key)).values(**values))


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
