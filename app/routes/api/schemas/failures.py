"""Failures as the API shows them."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from app.queries.failure_detail import AttemptRow, EventRow, FailureDetail
from app.queries.failures import FailureRow
from app.queries.sent import RawMessage


class ErrorShown(BaseModel):
    """What went wrong; the message cut at 10,000 characters."""

    model_config = ConfigDict(extra="allow")
    type: str
    message: str
    status: int | None = None


class FailureItem(BaseModel):
    """One failure of a list."""

    id: str
    status: str
    reason: str | None
    version: int
    source: str
    operation: str
    kind: str
    error: ErrorShown
    orderId: str | None
    clientId: str | None
    queue: str | None
    messageId: str | None
    groupId: str
    assignee: str | None
    occurredAt: datetime | None
    shipBy: datetime | None
    createdAt: datetime
    changedAt: datetime
    remedyType: str | None
    target: str | None
    nextAttemptAt: datetime | None
    leaseUntil: datetime | None
    confirmBy: datetime | None
    attemptsMade: int

    @classmethod
    def of(cls, row: FailureRow, **more: Any) -> Self:
        """Build from a row of the queries."""
        error = ErrorShown(type=row.error_type, message=row.error_message, status=row.error_status)
        same = ("id", "status", "reason", "version", "source", "operation", "kind", "queue", "assignee", "target")
        return cls(
            **{name: getattr(row, name) for name in same}, error=error, orderId=row.order_id, clientId=row.client_id,
            messageId=row.message_id, groupId=row.group_id, occurredAt=row.occurred_at, shipBy=row.ship_by,
            createdAt=row.created_at, changedAt=row.changed_at, remedyType=row.remedy_type,
            nextAttemptAt=row.next_attempt_at, leaseUntil=row.lease_until, confirmBy=row.confirm_by,
            attemptsMade=row.attempts_made, **more,
        )


class FailureList(BaseModel):
    """A page of failures, newest first."""

    items: list[FailureItem]
    nextCursor: str | None


class AttemptShown(BaseModel):
    """One run of the remedy."""

    number: int
    startedAt: datetime
    finishedAt: datetime | None
    outcome: str | None
    detail: str | None
    actor: str

    @classmethod
    def of(cls, row: AttemptRow) -> Self:
        """Build from a row of the queries."""
        return cls(number=row.number, startedAt=row.started_at, finishedAt=row.finished_at, outcome=row.outcome,
                   detail=row.detail, actor=row.actor)


class EventShown(BaseModel):
    """One change of the failure."""

    at: datetime
    actor: str
    action: str
    from_: str | None = Field(serialization_alias="from")
    to: str | None
    reason: str | None
    attempt: int | None
    before: Any = None
    after: Any = None

    @classmethod
    def of(cls, row: EventRow) -> Self:
        """Build from a row of the queries."""
        return cls(at=row.at, actor=row.actor, action=row.action, from_=row.old, to=row.new, reason=row.reason,
                   attempt=row.attempt, before=row.before, after=row.after)


class RawShown(BaseModel):
    """A message as it came."""

    queue: str | None
    bodyBase64: str
    contentType: str | None
    headers: dict[str, Any]
    messageId: str | None

    @classmethod
    def of(cls, raw: RawMessage) -> Self:
        """Build from a row of the queries."""
        return cls(queue=raw.queue, bodyBase64=raw.body_base64, contentType=raw.content_type, headers=raw.headers,
                   messageId=raw.message_id)


class FailureAnswer(FailureItem):
    """All of a failure: what was sent (unknown fields too), and what became of it."""

    model_config = ConfigDict(extra="allow")
    remedy: dict[str, Any] | None
    traceparent: str | None
    allowedActions: list[str]
    attempts: list[AttemptShown]
    events: list[EventShown]
    raw: RawShown | None = None


def failure_answer(detail: FailureDetail) -> dict[str, Any]:
    """Lay what is known over what was sent; a sent field that ours hides stands under `sent`."""
    raw = detail.sent.raw
    ours = FailureAnswer.of(
        detail.row, remedy=detail.remedy, traceparent=detail.traceparent, allowedActions=list(detail.allowed),
        attempts=[AttemptShown.of(row) for row in detail.attempts],
        events=[EventShown.of(row) for row in detail.events], raw=RawShown.of(raw) if raw else None,
    ).model_dump(mode="json", by_alias=True)
    came = detail.sent.fields
    hidden = {name: value for name, value in came.items() if name in ours and name not in _SAME_MEANING}
    if came.get("remedy") == ours["remedy"]:
        hidden.pop("remedy", None)
    if isinstance(came.get("error"), dict):
        ours["error"] = came["error"] | ours["error"]
    return came | ours | ({"sent": hidden} if hidden else {})


_SAME_MEANING = frozenset(
    ("source", "operation", "kind", "error", "orderId", "clientId", "occurredAt", "shipBy", "traceparent")
)
