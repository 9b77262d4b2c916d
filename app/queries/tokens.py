"""Find tokens; none has its secret, which is not stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.models.account import ApiToken


@dataclass(frozen=True)
class TokenRow:
    """A stored token. `expires_at` None: it was made before tokens ran out, and is valid until it is revoked."""

    id: int
    name: str
    source: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: ApiToken) -> Self:
        """Build from what is stored."""
        return cls(row.id, row.name, row.source, tuple(row.scopes), row.created_at, row.expires_at, row.last_used_at)

    def has_run_out(self, now: datetime) -> bool:
        """Tell whether it is no longer taken."""
        return self.expires_at is not None and self.expires_at <= now


def is_valid(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a token has not run out."""
    return or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now)


def by_digest(session: Session, digest: str, now: datetime) -> TokenRow | None:
    """Return the valid token with this SHA-256, or None."""
    # The time of the look-up tells of digests, and who does not know a token cannot choose its digest.
    row = session.scalar(select(ApiToken).where(ApiToken.digest == digest, is_valid(now)))
    return TokenRow.of(row) if row else None


def listed(session: Session) -> list[TokenRow]:
    """Return every stored token, those of one name together."""
    statement: Any = select(ApiToken).order_by(ApiToken.name, ApiToken.id)
    return [TokenRow.of(row) for row in session.scalars(statement)]
