"""Retry schedules that administrators changed; the defaults live in `domain.retry_policy`."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class RetryPolicy(Base):
    """The schedule of one kind of remedy; times in seconds, before the retry scale."""

    __tablename__ = "retry_policies"

    remedy_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    base: Mapped[float]
    cap: Mapped[float]
    attempts: Mapped[int]
    factor: Mapped[float]
    jitter: Mapped[bool]
