"""Build a report once, as the bytes that every sending of it repeats."""

import json
import math
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

from sqlalchemy.exc import DBAPIError

Kind = Literal["http", "message", "db_write"]

LONGEST_TEXT = 30_000  # characters of a message or a stack trace: escaped, far below the desk's limit
LARGEST = 1_000_000  # bytes of a report; the desk takes 1 MiB
LONGEST_INTEGER = 1023  # bits: what a double can hold
DEEPEST = 48  # levels of a payload: below the desk's limit of 64


@dataclass(frozen=True)
class Problem:
    """An error as the desk takes it; for errors that are answers of another service, not exceptions."""

    type: str
    message: str
    status: int | None = None
    detail: str | None = None

    @classmethod
    def of(cls, error: BaseException | Self) -> "Problem":
        """Describe an exception with its stack trace; what is a Problem already is left as it is."""
        if isinstance(error, Problem):
            return error
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        name = type(cause).__name__
        trace = "".join(traceback.format_exception(error))
        return cls(name, _text(cause) or name, None, trace[-LONGEST_TEXT:])


@dataclass(frozen=True)
class Report:
    """Everything that a service tells of one failure."""

    source: str
    problem: Problem
    operation: str
    kind: Kind
    remedy: Mapping[str, Any] | None = None
    review: bool = False
    order_id: str | None = None
    client_id: str | None = None
    payload: Any = None
    ship_by: datetime | None = None
    occurred_at: datetime | None = None
    traceparent: str | None = None

    def to_bytes(self) -> bytes:
        """Write the report as ASCII JSON; whatever JSON cannot hold becomes its text."""
        body = {
            "source": self.source, "operation": self.operation, "kind": self.kind,
            "error": vars(self.problem),
            "occurredAt": rfc3339(self.occurred_at or datetime.now(UTC)),
            "orderId": self.order_id, "clientId": self.client_id,
            "shipBy": rfc3339(self.ship_by) if self.ship_by else None,
            "payload": self.payload, "remedy": self.remedy,
            "review": self.review or None, "traceparent": self.traceparent,
        }
        given = {name: plain(value) for name, value in body.items() if value is not None}
        written = _written(given)
        if len(written) <= LARGEST:
            return written
        cut = _written(given.get("payload")).decode("ascii")[:LONGEST_TEXT]
        return _written({**given, "payload": f"{cut}…"})


def _written(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def rfc3339(moment: datetime) -> str:
    """Write a time in UTC; one without a zone is taken as UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any, depth: int = 0) -> Any:
    """Reduce a value to what JSON holds: a report must never fail because of what it reports."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= LONGEST_INTEGER else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        return rfc3339(value)
    if depth < DEEPEST and isinstance(value, Mapping):
        return {_text(name): plain(item, depth + 1) for name, item in value.items()}
    if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    return _text(value)


def _text(value: Any) -> str:
    try:
        return str(value)[:LONGEST_TEXT]
    except Exception:  # somebody else's __str__
        return f"<{type(value).__name__}>"
