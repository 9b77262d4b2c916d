"""Answers of the database that hardly ever change, kept for a moment by each process."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """One value, read again when it is older than `lasting`."""

    def __init__(self, lasting: timedelta) -> None:
        self._lasting = lasting
        self._kept: tuple[Value, datetime] | None = None

    def get(self, now: datetime, read: Callable[[], Value]) -> Value:
        """Return the value, read anew where it is unknown or old."""
        kept = self._kept
        if kept is None or abs(now - kept[1]) >= self._lasting:  # a clock may be set back
            self._kept = kept = (read(), now)
        return kept[0]

    def forget(self) -> None:
        """Read it again next time: it has just been changed here."""
        self._kept = None
