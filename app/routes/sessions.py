"""Flask's session over `services.sessions`: read when first touched, written when changed."""

import secrets
from collections.abc import Iterator
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from app.desk import Desk
from app.services import sessions


class ServerSession(SessionMixin):
    """What is known of one browser. `user_id` is set at sign-in, with a new key."""

    def __init__(self, desk: Desk, key: str | None) -> None:
        self.desk = desk
        self.key = key
        self.user_id: int | None = None
        self.old_key: str | None = None
        self.modified = False
        self._values: dict[str, Any] | None = None

    @property
    def values_(self) -> dict[str, Any]:
        """Return the values, read at the first touch: what needs no session never waits for the database."""
        if self._values is None:
            stored = sessions.load(self.desk, self.key) if self.key else None
            if stored is None:
                self.key = None
            self._values = stored or {}
        return self._values

    def begin_anew(self, user_id: int | None) -> None:
        """Forget everything and take a new key, so that one planted before a sign-in is worth nothing."""
        self.clear()
        self.old_key, self.key = self.old_key or self.key, None
        self.user_id = user_id

    def __getitem__(self, name: str) -> Any:
        return self.values_[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.values_[name] = value
        self.modified = True

    def __delitem__(self, name: str) -> None:
        del self.values_[name]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


class ServerSessions(SessionInterface):
    """Opens and saves sessions of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Open the browser's session; a request with a token of its own has none, whatever cookies it carries."""
        key = None if "Authorization" in request.headers else request.cookies.get(self.get_cookie_name(app))
        return ServerSession(self.desk, key)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what has changed, and hand out the cookie of a new session."""
        assert isinstance(session, ServerSession)
        if not session.modified:
            return
        if session.old_key:
            sessions.end(self.desk, session.old_key)
        if not session.values_:
            response.delete_cookie(self.get_cookie_name(app), path="/")
        elif session.key:
            sessions.save(self.desk, session.key, session.values_)
        else:
            self._begin(app, session, response)

    def _begin(self, app: Flask, session: ServerSession, response: Response) -> None:
        from flask import request

        key = secrets.token_urlsafe(32)
        browser = sessions.Browser(request.remote_addr, request.user_agent.string[:255])
        sessions.create(self.desk, key, session.values_, user_id=session.user_id, browser=browser)
        response.set_cookie(
            self.get_cookie_name(app), key, httponly=True, samesite="Lax", path="/", secure=self.get_cookie_secure(app)
        )
