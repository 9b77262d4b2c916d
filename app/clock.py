"""How moments are written; the clock itself is `storage.utcnow`."""

from datetime import UTC, datetime

from storage import Clock, utcnow


def rfc3339(moment: datetime | None) -> str | None:
    """Write a moment as RFC 3339 in UTC with milliseconds; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = ["Clock", "rfc3339", "utcnow"]
