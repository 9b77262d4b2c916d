"""What time it is: given to a broker, so that tests may give another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
