"""Find tokens."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.account import ApiToken


def by_digest(session: Session, digest: str) -> ApiToken | None:
    """Return the token with this SHA-256, or None."""
    return session.scalar(select(ApiToken).where(ApiToken.digest == digest))
