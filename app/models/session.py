"""Sign-ins: kept on the server, so that a sign-out ends a copied cookie too."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, PlainJson


class WebSession(Base):
    """One browser's session; `id_hash` is the SHA-256 of the cookie, which is never stored."""

    __tablename__ = "web_sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    data: Mapped[Any] = mapped_column(PlainJson)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(255))


class WrongPassword(Base):
    """One failed sign-in, counted per account and per address over all processes."""

    __tablename__ = "wrong_passwords"
    __table_args__ = (Index(None, "account", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    account: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
