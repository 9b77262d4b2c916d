"""The schedule of each kind of remedy: the default, or what an administrator set."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.retry_policy import DEFAULTS, Policy
from app.models.policy import RetryPolicy


def policies(session: Session) -> dict[str, Policy]:
    """Return every kind's schedule."""
    return DEFAULTS | {row.remedy_type: row.to_policy() for row in session.scalars(select(RetryPolicy))}


def policy(session: Session, remedy_type: str) -> Policy:
    """Return one kind's schedule."""
    row = session.get(RetryPolicy, remedy_type)
    return row.to_policy() if row else DEFAULTS[remedy_type]
