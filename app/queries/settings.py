"""What administrators set."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.retry_policy import Policy
from app.models.account import UserRow
from app.queries import tokens
from app.queries.policies import stored_policies
from app.queries.tokens import TokenRow


@dataclass(frozen=True)
class AccountRow:
    """An account, without its password."""

    id: int
    username: str
    active: bool
    roles: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True)
class Settings:
    """All settings."""

    accounts: tuple[AccountRow, ...]
    tokens: tuple[TokenRow, ...]
    policies: dict[str, Policy]


def all_settings(session: Session) -> Settings:
    """Return all settings."""
    users = session.scalars(select(UserRow).order_by(UserRow.username))
    return Settings(
        tuple(
            AccountRow(user.id, user.username, user.active, tuple(role.name for role in user.roles), user.created_at)
            for user in users
        ),
        tuple(tokens.listed(session)),
        stored_policies(session.connection()),
    )
