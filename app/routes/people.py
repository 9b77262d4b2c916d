"""Who is asking: Flask-Security over our own accounts; our own pages sign people in and out."""

from typing import Any, cast

from flask import Flask, current_app, g, session
from flask_security import Security, SQLAlchemySessionUserDatastore, UserMixin, login_user
from flask_security import current_user as _current_user
from sqlalchemy.orm import scoped_session, sessionmaker

from app.desk import Desk
from app.domain.permissions import Permission
from app.models.account import RoleRow, UserRow
from app.routes.sessions import ServerSession, ServerSessions


class User(UserMixin, UserRow):  # type: ignore[misc]  # the mixin declares columns more loosely
    """An account, as Flask-Security wants it."""


class Accounts(SQLAlchemySessionUserDatastore):
    """Reads accounts, and leaves no transaction open behind: the rest of a request must see what it writes itself."""

    def find_user(self, case_insensitive: bool = False, **attribute: Any) -> User | None:
        """Return the account with this attribute."""
        found = super().find_user(case_insensitive, **attribute)
        self.db.session.remove()
        return cast(User | None, found)


def register(app: Flask, desk: Desk) -> None:
    """Set sessions and Flask-Security up, without any page of its own."""
    app.session_interface = ServerSessions(desk)
    app.config.update(
        SESSION_PROTECTION=None,  # the key itself is the proof; an address may change on a phone
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": lambda name: name}}],
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    reading = scoped_session(sessionmaker(desk.store.reader, expire_on_commit=False))
    accounts = Accounts(reading, User, RoleRow)  # type: ignore[arg-type]
    security = Security(app, accounts, register_blueprint=False)
    _stay_out_of_the_way(app, security)


def _stay_out_of_the_way(app: Flask, security: Security) -> None:
    # An API call, a static file or an error page must not read the database for a person, nor parse a body
    # for a token: we have neither remember-me cookies, nor Flask-Principal's identities, nor its tokens.
    security.principal.identity_loaders.clear()
    security.login_manager.request_loader(None)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)


def signed_in() -> User | None:
    """Return the person who is signed in."""
    if "person" not in g:
        g.person = _current_user._get_current_object() if _current_user.is_authenticated else None
    return cast(User | None, g.person)


def may(permission: Permission) -> bool:
    """Tell whether the person who is signed in has a permission."""
    person = signed_in()
    return person is not None and person.has_permission(permission)


def begin(user: UserRow) -> None:
    """Sign a person in, under a new session."""
    g.pop("person", None)
    cast(ServerSession, session._get_current_object()).begin_anew(user.id)  # type: ignore[attr-defined]
    login_user(current_app.extensions["security"].datastore.find_user(fs_uniquifier=user.fs_uniquifier))


def finish() -> None:
    """Sign the person out: the session is gone, for copied cookies too."""
    g.pop("person", None)
    cast(ServerSession, session._get_current_object()).begin_anew(None)  # type: ignore[attr-defined]
