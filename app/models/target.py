"""A system that remedies act on: its switch and its circuit breaker, one row for all workers."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.breaker import Breaker, BreakerState
from app.models.base import Base, PlainJson


class Target(Base):
    """The shared state of a target; its address is a setting and is never stored."""

    __tablename__ = "targets"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    paused: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default=BreakerState.CLOSED)
    errors_in_a_row: Mapped[int] = mapped_column(default=0)
    streak: Mapped[Any] = mapped_column(PlainJson, default=list)
    failed_probes: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    probe_until: Mapped[datetime | None]  # the lease of the one probe under way, over all workers
    last_probe_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    next_free_at: Mapped[datetime | None]  # rate limit: when the next attempt may start

    @property
    def breaker(self) -> Breaker:
        """Return the breaker's memory as the pure state of `domain.breaker`."""
        return Breaker(
            BreakerState(self.state), self.errors_in_a_row, tuple(self.streak), self.failed_probes, self.open_until
        )

    @breaker.setter
    def breaker(self, breaker: Breaker) -> None:
        self.state = breaker.state
        self.errors_in_a_row = breaker.errors_in_a_row
        self.streak = list(breaker.streak)
        self.failed_probes = breaker.failed_probes
        self.open_until = breaker.open_until
