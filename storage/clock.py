"""The one place that reads the wall clock; everything else is given it, so that tests may give another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
