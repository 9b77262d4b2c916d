"""Tokens of programs: made, revoked, and marked as used. Only their SHA-256 is stored: they are shown once."""

import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.permissions import Permission
from app.domain.text import clean
from app.errors import Fault, Invalid, NotFound
from app.models.account import ApiToken
from app.queries.tokens import TokenRow, is_valid
from app.services import audit
from storage import take_turns

AT_ONCE = 2  # valid ones of one name: the old one works on until the new one is in its place
LONGEST = 366  # days
USED_EVERY = timedelta(minutes=1)
PREFIX = "dlo_"  # by which scanners for leaked secrets know them
RESERVED = ("admin", "traffic")  # names of tokens from the settings and the instance folder
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """A token to be made: valid for `days`; `source` binds it to the reports of one service."""

    name: str
    source: str | None
    scopes: tuple[Permission, ...]
    days: int


def digest(token: str) -> str:
    """Return what is stored of a token. It has 256 random bits: there is nothing to guess, and so nothing to slow."""
    return sha256(token.encode()).hexdigest()


def create(desk: Desk, wanted: Wanted, *, actor: str, own: Collection[Permission]) -> tuple[TokenRow, str]:
    """Make a token, and return it with its secret, which is told only here.

    `own` is what its maker may do: nobody hands on more, but for reporting, which people do not do.

    Raises:
        Invalid: every fault, or two of this name are valid already.
    """
    _check(wanted, own)
    secret, now = PREFIX + secrets.token_urlsafe(32), desk.clock()
    with desk.store.write() as session:
        take_turns(session, f"tokens of {wanted.name}")
        _check_room(session, wanted.name, now)
        row = ApiToken(
            name=wanted.name, digest=digest(secret), source=wanted.source, scopes=[str(each) for each in wanted.scopes],
            created_at=now, expires_at=now + timedelta(days=wanted.days), last_used_at=None,
        )
        session.add(row)
        session.flush()
        made = TokenRow.of(row)
        audit.record(session, actor=actor, action="token.create", now=now, subject=made.name, after=_told(made))
    return made, secret


def revoke(desk: Desk, token_id: int, *, actor: str) -> TokenRow:
    """End a token for ever; each process stops to take it within two seconds. Raises NotFound."""
    with desk.store.write() as session:
        row = session.get(ApiToken, token_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such token.")
        ended = TokenRow.of(row)
        session.delete(row)
        audit.record(session, actor=actor, action="token.revoke", now=desk.clock(), subject=ended.name,
                     before=_told(ended))
    return ended


def mark_used(desk: Desk, token: TokenRow) -> None:
    """Remember that a token was used, a minute's worth at a time, in a transaction of its own."""
    now = desk.clock()
    if token.last_used_at is not None and token.last_used_at > now - USED_EVERY:
        return
    is_due = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - USED_EVERY)
    try:
        with desk.store.write() as session:
            session.execute(update(ApiToken).where(ApiToken.id == token.id, is_due).values(last_used_at=now))
    except DBAPIError:  # a disk that is full, or a lock that lasts, must not refuse whoever only wants to read
        log.warning("that a token was used could not be written down", exc_info=True, extra={"token": token.name})


def _check(wanted: Wanted, own: Collection[Permission]) -> None:
    faults = []
    if not _NAME.fullmatch(wanted.name):
        faults.append(Fault("/name", "must be 1 to 80 letters, digits, dots, dashes and underscores"))
    if wanted.name in RESERVED:
        faults.append(Fault("/name", "is the name of a token of the settings"))
    if not wanted.scopes:
        faults.append(Fault("/scopes", "must name at least one"))
    if beyond := sorted(set(wanted.scopes) - set(own) - {Permission.REPORT}):
        faults.append(Fault("/scopes", f"you may not do this yourself: {', '.join(beyond)}"))
    if (Permission.REPORT in wanted.scopes) != bool(wanted.source):
        faults.append(Fault("/source", f"is needed for {Permission.REPORT}, and only for it"))
    elif wanted.source and (len(wanted.source) > 255 or clean(wanted.source) != wanted.source):
        faults.append(Fault("/source", "must be up to 255 characters long"))
    if not 1 <= wanted.days <= LONGEST:
        faults.append(Fault("/days", f"must be 1 to {LONGEST}"))
    if faults:
        raise Invalid(faults)


def _check_room(session: Session, name: str, now: datetime) -> None:
    valid = session.scalar(select(func.count()).where(ApiToken.name == name, is_valid(now))) or 0
    if valid >= AT_ONCE:
        raise Invalid([Fault("/name", f"has {AT_ONCE} valid tokens already: revoke one first")])


def _told(token: TokenRow) -> dict[str, object]:
    return {"id": token.id, "source": token.source, "scopes": list(token.scopes),
            "expiresAt": token.expires_at.isoformat() if token.expires_at else None}
