"""Bearer tokens: who sends one, and what for. Looked up by digest, remembered for two seconds."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.config import Settings, parse_tokens
from app.desk import Desk
from app.domain.permissions import ADMIN_TOKEN, READ_TOKEN, SERVICE_TOKEN, Permission
from app.queries import tokens as queries
from app.services import tokens

REMEMBERED = timedelta(seconds=2)  # a token that was revoked or ran out works no longer than this
MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Principal:
    """Who asks: the name that the audit shows, the permissions, and the one source (None: every source)."""

    actor: str
    permissions: frozenset[Permission]
    source: str | None = None


class Tokens:
    """The tokens of one desk: from its settings, its instance folder and its database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._remembered: dict[str, tuple[Principal, datetime]] = {}

    def find(self, token: str) -> Principal | None:
        """Return who a token belongs to, or None."""
        digest = tokens.digest(token)
        now = self._desk.clock()
        principal, since = self._remembered.get(digest, (None, now))
        if principal is not None and abs(now - since) < REMEMBERED:
            return principal
        principal = self._look_up(digest)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        if principal is None:
            self._remembered.pop(digest, None)
        else:
            self._remembered[digest] = (principal, now)
        return principal

    def _look_up(self, digest: str) -> Principal | None:
        found = None
        for token, principal in _configured(self._desk.settings):
            if hmac.compare_digest(tokens.digest(token), digest):
                found = principal
        return found or self._stored(digest)

    def _stored(self, digest: str) -> Principal | None:
        with self._desk.store.read() as session:
            row = queries.by_digest(session, digest, self._desk.clock())
        if row is None:
            return None
        tokens.mark_used(self._desk, row)
        known = {str(permission) for permission in Permission}
        scopes = frozenset(Permission(scope) for scope in row.scopes if scope in known)
        return Principal(f"token:{row.name}", scopes, row.source)


def _configured(settings: Settings) -> Iterator[tuple[str, Principal]]:
    if settings.admin_token:
        yield settings.admin_token, Principal("token:admin", ADMIN_TOKEN)
    for source, token in (settings.service_tokens or _generated(settings)).items():
        yield token, Principal(f"token:{source}", SERVICE_TOKEN, source)
    traffic = settings.instance / "traffic_token"
    if traffic.is_file():
        yield traffic.read_text().strip(), Principal("token:traffic", READ_TOKEN)


def _generated(settings: Settings) -> dict[str, str]:
    file = settings.instance / "service_tokens"
    return parse_tokens(file.read_text().strip()) if file.is_file() else {}
