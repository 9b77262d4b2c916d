"""Hold a rate over all workers with one stored moment: when the next thing may happen.

Source: the generic cell rate algorithm, ITU-T I.371, annex A.
"""

from datetime import datetime, timedelta

CATCH_UP = timedelta(seconds=1)  # who came late may make up for so much, and no more


def book(next_free_at: datetime | None, now: datetime, per_second: float, number: int = 1) -> datetime | None:
    """Return when the next may happen after `number` happen now, or None when now is too early."""
    free = max(next_free_at or now - CATCH_UP, now - CATCH_UP)
    return None if free > now else free + timedelta(seconds=number / per_second)
