"""Accounts: the first two, and signing in without letting anybody guess."""

import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.permissions import ADMINISTRATOR, OPERATOR
from app.domain.text import clean
from app.errors import NotFound, TooMany
from app.models.account import RoleRow, UserRow
from app.models.session import WrongPassword
from app.services import audit, sessions

MAX_WRONG = 10
WRONG_WINDOW = timedelta(minutes=5)

_hasher = PasswordHasher()  # argon2id with the figures of RFC 9106 for little memory


def first_accounts(desk: Desk) -> dict[str, str]:
    """Create the accounts `admin` and `operator` where they are missing; return the passwords that were generated.

    A password that the settings give becomes the account's at every start.
    """
    settings = desk.settings
    wanted = {"admin": (ADMINISTRATOR, settings.admin_password), "operator": (OPERATOR, settings.operator_password)}
    generated = {}
    for username, (role, given) in wanted.items():
        user = find(desk, username)
        if user is None:
            if given is None:
                generated[username] = secrets.token_urlsafe(12)
            create(desk, username, given or generated[username], role=role)
        elif given is not None and not _matches(user.password, given):
            set_password(desk, user.id, given)
    return generated


def find(desk: Desk, username: str) -> UserRow | None:
    """Return an account by its name."""
    with desk.store.read() as session:
        return session.scalar(select(UserRow).where(UserRow.username == username))


def create(desk: Desk, username: str, password: str, *, role: str) -> None:
    """Create an account with one role."""
    digest = _hasher.hash(password)
    with desk.store.write() as session:
        session.add(
            UserRow(
                username=username, email=f"{username}@localhost", password=digest, active=True,
                fs_uniquifier=secrets.token_hex(32), created_at=desk.clock(), roles=[_role(session, role)],
            )
        )


def set_password(desk: Desk, user_id: int, password: str) -> None:
    """Give an account another password, and end its sessions."""
    digest = _hasher.hash(password)
    with desk.store.write() as session:
        user = _read(session, user_id)
        user.password = digest
        user.fs_uniquifier = secrets.token_hex(32)
        sessions.end_all(session, user_id)


def switch(desk: Desk, user_id: int, *, active: bool, actor: str) -> None:
    """Switch an account on or off; switched off, its sessions end. Raises NotFound."""
    with desk.store.write() as session:
        user = _read(session, user_id)
        before, user.active = user.active, active
        if not active:
            sessions.end_all(session, user_id)
        audit.record(
            session, actor=actor, action="account.switch", now=desk.clock(), subject=user.username,
            before={"active": before}, after={"active": active},
        )


def choose(desk: Desk, user_id: int, **choices: str | None) -> None:
    """Remember a person's `language` or `theme`; None is what the browser says."""
    with desk.store.write() as session:
        user = _read(session, user_id)
        for name, value in choices.items():
            setattr(user, name, value)


def sign_in(desk: Desk, username: str, password: str, *, address: str) -> UserRow | None:
    """Return the account when the password is right, else None and count the try.

    Raises:
        TooMany: ten wrong tries in five minutes, for this account or from this address. Right ones do not count.
    """
    username = clean(username.strip())
    account = username.casefold()[:255]
    with desk.store.read() as session:
        _check_tries(session, account, address, desk.clock())
    user = find(desk, username)
    right = _matches(user.password if user else _nobody(), password) and user is not None and user.active
    with desk.store.write() as session:
        # once more, so that guesses made side by side do not slip past the limit
        _check_tries(session, account, address, desk.clock())
        if not right:
            _count_wrong(session, account, address, desk.clock())
    return user if right else None


def _check_tries(session: Session, account: str, address: str, now: datetime) -> None:
    counted = select(func.count(), func.min(WrongPassword.at)).where(WrongPassword.at > now - WRONG_WINDOW)
    for mine in (WrongPassword.account == account, WrongPassword.address == address):
        number, first = session.execute(counted.where(mine)).one()
        if number >= MAX_WRONG:
            seconds = (first + WRONG_WINDOW - now).total_seconds()
            raise TooMany("Too many wrong passwords.", retry_after=max(1.0, seconds))


def _count_wrong(session: Session, account: str, address: str, now: datetime) -> None:
    session.execute(
        delete(WrongPassword).where(
            or_(WrongPassword.account == account, WrongPassword.address == address),
            WrongPassword.at <= now - WRONG_WINDOW,
        )
    )
    session.add(WrongPassword(account=account, address=address, at=now))


def _matches(digest: str, password: str) -> bool:
    try:
        return _hasher.verify(digest, password)
    except VerifyMismatchError:
        return False


def _read(session: Session, user_id: int) -> UserRow:
    user = session.get(UserRow, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    return user


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))  # checked for unknown names, so that they take as long as known ones


def _role(session: Session, name: str) -> RoleRow:
    return session.scalar(select(RoleRow).where(RoleRow.name == name)) or RoleRow(name=name)
