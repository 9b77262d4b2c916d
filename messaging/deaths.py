"""Read and write `x-death`, the header in which a broker keeps why a message was dead-lettered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from messaging.message import Death

X_DEATH = "x-death"
OF_THE_BROKER = ("x-first-death-", "x-last-death-")
LARGEST = 2**63  # what RabbitMQ counts with; a forged count may be too long even to be written


def newest_death(headers: Mapping[str, Any]) -> Death | None:
    """Return the newest entry of `x-death`, or None where it is missing or not what a broker writes."""
    entries = headers.get(X_DEATH)
    newest = entries[0] if isinstance(entries, list) and entries else None
    if not isinstance(newest, dict):
        return None
    reason, queue, count = newest.get("reason"), newest.get("queue"), newest.get("count")
    if not (isinstance(reason, str) and isinstance(queue, str) and type(count) is int and abs(count) < LARGEST):
        return None
    return Death(reason, queue, _moment(newest.get("time")), count)


def without_death(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers without what brokers wrote of earlier deaths; RabbitMQ 3 would count on."""
    return {
        name: value
        for name, value in headers.items()
        if name not in (X_DEATH, "x-delivery-count") and not name.startswith(OF_THE_BROKER)
    }


def with_death(headers: Mapping[str, Any], queue: str, reason: str, at: datetime) -> dict[str, Any]:
    """Return the headers with one more death: newest first, one entry per queue and reason.

    As in RabbitMQ, a repeat raises the count and keeps the first time, and a header that is no list is begun
    anew. Source: `update_x_death_header` in https://github.com/rabbitmq/rabbitmq-server.
    """
    known = headers.get(X_DEATH)
    entries = [entry for entry in known if isinstance(entry, dict)] if isinstance(known, list) else []
    same = [entry for entry in entries if (entry.get("queue"), entry.get("reason")) == (queue, reason)]
    others = [entry for entry in entries if entry not in same]
    newest = {**same[0], "count": _count(same[0]) + 1} if same else _entry(queue, reason, at)
    first = {} if X_DEATH in headers else {
        "x-first-death-exchange": "", "x-first-death-queue": queue, "x-first-death-reason": reason,
    }
    return {**headers, **first, X_DEATH: [newest, *others]}


def _entry(queue: str, reason: str, at: datetime) -> dict[str, Any]:
    time = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "count": 1, "exchange": "", "queue": queue, "reason": reason, "routing-keys": [queue], "time": time,
    }


def _count(entry: dict[str, Any]) -> int:
    count = entry.get("count")
    return count if type(count) is int and 0 < count < LARGEST else 0


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no date, or one that lies before the year 1 in UTC
        return None
