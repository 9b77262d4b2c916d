"""People who sign in, their roles, and the tokens of services."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.permissions import ROLES, Permission
from app.models.base import Base, PlainJson

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class RoleRow(Base):
    """A role, by name: a key of `domain.permissions.ROLES`, which says what it may do."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)

    def get_permissions(self) -> frozenset[Permission]:
        """Return what the role may do (under the name that Flask-Security asks by)."""
        return ROLES.get(self.name, frozenset())


class UserRow(Base):
    """A person's account. `language` and `theme` are the person's choice, or None for what the browser says."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(255), unique=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str | None] = mapped_column(String(5))
    theme: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]
    roles: Mapped[list[RoleRow]] = relationship(secondary=roles_users, lazy="selectin")


class ApiToken(Base):
    """A bearer token: only its SHA-256 is stored. `source` None means every source, `expires_at` None no end."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str | None] = mapped_column(String(255))
    scopes: Mapped[list[str]] = mapped_column(PlainJson)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
