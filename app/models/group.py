"""Failures with one cause."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id

TALLY_SLOTS = 8


class Group(Base):
    """One cause: its fingerprint (of a version) and what it looks like. Never updated by intake."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("fingerprint_version", "fingerprint"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    fingerprint_version: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(String(255))
    operation: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(12))
    error_type: Mapped[str] = mapped_column(String(255))
    first_seen: Mapped[datetime]


class GroupTally(Base):
    """How many failures a group has: the sum over its slots.

    Kept in slots because one row per group would be locked by every report of a storm in turn.
    """

    __tablename__ = "group_tallies"

    group_id: Mapped[str] = mapped_column(Id, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    total: Mapped[int]
    open: Mapped[int]
    last_seen: Mapped[datetime]


class GroupHour(Base):
    """How many failures a group gained in an hour; the workers add them up, after the fact."""

    __tablename__ = "group_hours"
    __table_args__ = (Index(None, "hour"),)

    group_id: Mapped[str] = mapped_column(Id, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    number: Mapped[int]
