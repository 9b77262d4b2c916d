"""Targets and the audit as the API shows them."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from app.queries.audit import AuditRow
from app.queries.targets import TargetRow


class TargetItem(BaseModel):
    """A target; `held` counts what waits for it while it is paused or its breaker is open."""

    name: str
    kind: str
    breaker: str
    paused: bool
    held: int
    openUntil: datetime | None
    lastProbeAt: datetime | None
    lastError: str | None
    ratePerSecond: float | None

    @classmethod
    def of(cls, row: TargetRow) -> Self:
        """Build from a row of the queries."""
        return cls(name=row.name, kind=row.kind, breaker=row.breaker, paused=row.paused, held=row.held.number,
                   openUntil=row.open_until, lastProbeAt=row.last_probe_at, lastError=row.last_error,
                   ratePerSecond=row.rate_per_second)


class TargetList(BaseModel):
    """Every target."""

    items: list[TargetItem]


class AuditItem(BaseModel):
    """One act of a person or a token."""

    id: int
    at: datetime
    actor: str
    action: str
    failureId: str | None
    subject: str | None
    reason: str | None
    before: Any
    after: Any

    @classmethod
    def of(cls, row: AuditRow) -> Self:
        """Build from a row of the queries."""
        return cls(id=row.id, at=row.at, actor=row.actor, action=row.action, failureId=row.failure_id,
                   subject=row.subject, reason=row.reason, before=row.before, after=row.after)


class AuditList(BaseModel):
    """A page of the audit, newest first."""

    items: list[AuditItem]
    nextCursor: str | None
