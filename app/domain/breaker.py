"""The circuit breaker of a target: pure state, shared by all workers through its row.

Source of the three states: M. Nygard, "Release It!"; https://martinfowler.com/bliki/CircuitBreaker.html
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

OPENS_AFTER = 5  # unavailable answers in a row …
FROM_FAILURES = 3  # … from so many different failures: one poisonous failure alone opens nothing
FIRST_PAUSE = 5.0  # seconds, before the retry scale; doubled with each failed probe
LONGEST_PAUSE = 8.0  # what waits for a target goes on within 10 s of its return


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"  # a probe got through: one piece of work at a time until one succeeds


@dataclass(frozen=True)
class Breaker:
    """A breaker's memory. `streak` names the failures (at most a few) behind the present run of errors."""

    state: BreakerState = BreakerState.CLOSED
    errors_in_a_row: int = 0
    streak: tuple[str, ...] = ()
    failed_probes: int = 0
    open_until: datetime | None = None

    def succeeded(self) -> "Breaker":
        """Return the state after an answer, of whatever kind: the target is there."""
        return Breaker()

    def was_unavailable(self, failure_id: str, now: datetime, scale: float) -> "Breaker":
        """Return the state after an attempt that found the target unavailable."""
        if self.state == BreakerState.HALF_OPEN:
            return self._opened(now, scale, self.failed_probes + 1)
        errors = self.errors_in_a_row + 1
        streak = self.streak if failure_id in self.streak else (*self.streak, failure_id)[:FROM_FAILURES]
        counted = replace(self, errors_in_a_row=errors, streak=streak)
        if self.state == BreakerState.CLOSED and errors >= OPENS_AFTER and len(streak) >= FROM_FAILURES:
            return counted._opened(now, scale, 0)
        return counted

    def probe_succeeded(self) -> "Breaker":
        """Return the state after a probe that found the target there."""
        return replace(self, state=BreakerState.HALF_OPEN, open_until=None)

    def probe_failed(self, now: datetime, scale: float) -> "Breaker":
        """Return the state after a probe that found nobody: wait twice as long, up to a minute."""
        return self._opened(now, scale, self.failed_probes + 1)

    def _opened(self, now: datetime, scale: float, failed_probes: int) -> "Breaker":
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failed_probes, 10)) * scale
        return replace(
            self,
            state=BreakerState.OPEN,
            failed_probes=failed_probes,
            open_until=now + timedelta(seconds=pause),
        )
