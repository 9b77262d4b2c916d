"""Signing in, without letting anybody guess."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.text import clean
from app.errors import TooMany
from app.models.account import UserRow
from app.models.session import WrongPassword
from app.services import accounts, passwords
from storage import take_turns

MAX_WRONG = 10
WRONG_WINDOW = timedelta(minutes=5)


def sign_in(desk: Desk, username: str, password: str, *, address: str) -> UserRow | None:
    """Return the account when the password is right, else None and count the try.

    Raises:
        TooMany: ten wrong tries in five minutes, for this account or from this address. Right ones do not count.
    """
    username = clean(username.strip())
    account = username.casefold()[:255]
    with desk.store.read() as session:
        _check_tries(session, account, address, desk.clock())
    user = accounts.find(desk, username)
    right = passwords.matches(user.password if user else None, password) and user is not None and user.active
    with desk.store.write() as session:
        # once more and in turns, so that guesses made side by side do not slip past the limit
        take_turns(session, f"guesses for {account}", f"guesses from {address}")
        _check_tries(session, account, address, desk.clock())
        if not right:
            _count_wrong(session, account, address, desk.clock())
    return user if right else None


def change_password(desk: Desk, username: str, *, old: str, new: str, address: str) -> UserRow | None:
    """Change a person's own password; None when the present one is wrong.

    Raises:
        Invalid: the new one is too short. TooMany: as `sign_in`.
    """
    passwords.check_length(new)
    user = sign_in(desk, username, old, address=address)
    if user is None:
        return None
    accounts.set_password(desk, user.id, new, actor=username)
    return accounts.find(desk, username)


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
