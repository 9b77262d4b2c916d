"""Retry schedules that administrators changed; the defaults live in `domain.retry_policy`."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.retry_policy import Policy
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

    def to_policy(self) -> Policy:
        """Return the schedule as the pure value that `decide` takes."""
        return Policy(self.base, self.cap, self.attempts, self.factor, self.jitter)
