"""Read stored reports back for people: everything that came, secrets masked, oddities marked."""

import base64
from dataclasses import dataclass
from typing import Any

from app.domain import exact_json
from app.domain.masking import masked, masked_bytes, masked_text
from app.models.report import StoredReport


@dataclass(frozen=True)
class RawMessage:
    """A message as it came; its body changed only where it holds secrets."""

    queue: str | None
    body_base64: str
    content_type: str | None
    headers: Any
    message_id: str | None


@dataclass(frozen=True)
class Sent:
    """What came: the report's fields, or (of a dead letter) the message and its body as `payload`."""

    fields: dict[str, Any]
    raw: RawMessage | None
    readable: bool


def shown(report: StoredReport) -> Sent:
    """Show a stored report; what cannot be read is shown as its bytes in base64."""
    value = _parsed(report.body)
    if report.via == "dlq":
        return Sent({} if value is None else {"payload": masked(value)}, _raw(report), value is not None)
    fields = masked(value) if isinstance(value, dict) else {}
    return Sent(fields, _raw(report) if report.via == "queue" else None, isinstance(value, dict))


def _raw(report: StoredReport) -> RawMessage:
    return RawMessage(
        queue=report.queue,
        body_base64=base64.b64encode(masked_bytes(report.body)).decode(),
        content_type=report.content_type,
        headers=masked(report.headers or {}),
        message_id=None if report.message_id is None else masked_text(report.message_id),
    )


def _parsed(body: bytes) -> Any:
    try:
        return exact_json.loads(body)
    except (ValueError, RecursionError):
        return None
