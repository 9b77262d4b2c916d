"""Hold a rate over all workers with one stored moment: when the next thing may happen.

Source: the generic cell rate algorithm, ITU-T I.371, annex A.
"""

from datetime import datetime, timedelta

CATCH_UP = timedelta(seconds=0.3)  # how long an unused slot may be made up for: a little more than a tick


def slots(next_free_at: datetime, now: datetime, per_second: float) -> int:
    """Return how many may happen now."""
    free = max(next_free_at, now - CATCH_UP)
    return 0 if free > now else int((now - free).total_seconds() * per_second) + 1


def book(
    next_free_at: datetime, now: datetime, per_second: float, number: int = 1, catch_up: timedelta = CATCH_UP
) -> datetime | None:
    """Return when the next may happen after `number` happen now, or None when now is too early."""
    free = max(next_free_at, now - catch_up)
    return None if free > now else free + timedelta(seconds=number / per_second)
