"""Accounts: the first two, and what administrators do with them. Each act is in the audit."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.permissions import ADMINISTRATOR, OPERATOR, ROLES
from app.domain.text import clean
from app.errors import Fault, Invalid, NotFound
from app.models.account import RoleRow, UserRow
from app.models.history import SYSTEM
from app.services import audit, passwords, sessions


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
        elif given is not None and not passwords.matches(user.password, given):
            set_password(desk, user.id, given)
    return generated


def find(desk: Desk, username: str) -> UserRow | None:
    """Return an account by its name."""
    with desk.store.read() as session:
        return session.scalar(select(UserRow).where(UserRow.username == username))


def create(desk: Desk, username: str, password: str, *, role: str, actor: str = SYSTEM) -> None:
    """Create an account with one role."""
    digest = passwords.hashed(password)
    with desk.store.write() as session:
        session.add(
            UserRow(
                username=username, email=f"{username}@localhost", password=digest, active=True,
                fs_uniquifier=secrets.token_hex(32), created_at=desk.clock(), roles=[_role(session, role)],
            )
        )
        audit.record(
            session, actor=actor, action="account.create", now=desk.clock(), subject=username, after={"role": role}
        )


def create_for(desk: Desk, username: str, password: str, *, role: str, actor: str) -> None:
    """Create an account for somebody, as an administrator filled it in. Raises Invalid."""
    username = clean(username.strip())
    if not 0 < len(username) <= 80 or ":" in username or username == SYSTEM:
        raise Invalid([Fault("/username", "must be 1 to 80 characters long, without a colon")])
    if find(desk, username) is not None:
        raise Invalid([Fault("/username", "is taken")])
    if role not in ROLES:
        raise Invalid([Fault("/role", "is no role")])
    passwords.check_length(password)
    create(desk, username, password, role=role, actor=actor)


def set_password(desk: Desk, user_id: int, password: str, *, actor: str = SYSTEM) -> None:
    """Give an account another password, and end its sessions. Raises NotFound."""
    digest = passwords.hashed(password)
    with desk.store.write() as session:
        user = _read(session, user_id)
        user.password = digest
        user.fs_uniquifier = secrets.token_hex(32)
        sessions.end_all(session, user_id)
        audit.record(session, actor=actor, action="account.password", now=desk.clock(), subject=user.username)


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


def _read(session: Session, user_id: int) -> UserRow:
    user = session.get(UserRow, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    return user


def _role(session: Session, name: str) -> RoleRow:
    return session.scalar(select(RoleRow).where(RoleRow.name == name)) or RoleRow(name=name)
