"""What bulk operations and replays read and answer."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from app.domain.canary import Canary
from app.queries.bulk import BulkItemRow, BulkProgress
from app.queries.cursors import Page
from app.queries.filters import BulkFilter
from app.services.bulk_orders import Effect

MOST_IDS = 10_000


class CanaryBody(BaseModel):
    """Try so many first, then so many more; stop when a larger share of them failed."""

    model_config = ConfigDict(extra="forbid")
    steps: Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(min_length=1, max_length=10)]
    stopAbove: Annotated[float, Field(ge=0, le=1)]

    def to_canary(self) -> Canary:
        """Return the value that the service takes."""
        return Canary(tuple(self.steps), self.stopAbove)


class Pace(BaseModel):
    """How fast, how carefully, and why; an unknown field is an error, lest a misspelt `dryRun` be no dry run."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[StrictStr], Field(min_length=1, max_length=MOST_IDS)] | None = None
    ratePerSecond: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None
    canary: CanaryBody | None = None
    dryRun: bool = False
    reason: Annotated[StrictStr, Field(max_length=10_000)] = ""

    def to_canary(self) -> Canary | None:
        """Return the canary as the service takes it."""
        return self.canary.to_canary() if self.canary else None

    def _say_why(self) -> None:
        if not self.dryRun and not self.reason.strip():
            raise ValueError("'reason' must not be blank")


class BulkBody(Pace):
    """One act over many failures: those of a filter, or those named."""

    action: Literal["retry", "resolve", "discard", "assign"]
    filter: BulkFilter | None = None
    assignee: Annotated[StrictStr, Field(min_length=1, max_length=255)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.filter is None) == (self.ids is None):
            raise ValueError("needs either 'filter' or 'ids'")
        if (self.action == "assign") == (self.assignee is None):
            raise ValueError("'assignee' is for 'assign', and 'assign' needs it")
        self._say_why()
        return self


class ReplayBody(Pace):
    """Which stored failures of a dead-letter queue to send again, and where to."""

    all: bool = False
    filter: BulkFilter | None = None
    toQueue: StrictStr | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if [self.all, self.ids is not None, self.filter is not None].count(True) != 1:
            raise ValueError("needs either 'ids', 'all' or 'filter'")
        self._say_why()
        return self


class BulkStarted(BaseModel):
    """A bulk operation has begun."""

    id: str
    total: int
    url: str


class EffectShown(BaseModel):
    """What would become of so many; `after` null: they would be skipped."""

    what: str
    before: str | None
    after: str | None
    count: int


class DryRunAnswer(BaseModel):
    """What would be done."""

    total: int
    changes: list[EffectShown]

    @classmethod
    def of(cls, total: int, effects: list[Effect]) -> Self:
        """Build from the service's answer."""
        return cls(total=total, changes=[
            EffectShown(what=row.what, before=row.before, after=row.after, count=row.number) for row in effects
        ])


class BulkItemShown(BaseModel):
    """What became of one failure."""

    id: str
    outcome: str
    detail: str | None


class BulkAnswer(BaseModel):
    """How far an operation is; pending + succeeded + failed + skipped = total."""

    id: str
    action: str
    status: str
    actor: str
    reason: str
    total: int
    pending: int
    succeeded: int
    failed: int
    skipped: int
    stopReason: str | None
    createdAt: datetime
    finishedAt: datetime | None
    items: list[BulkItemShown]
    nextCursor: str | None

    @classmethod
    def of(cls, row: BulkProgress, page: Page[BulkItemRow]) -> Self:
        """Build from rows of the queries."""
        same = ("id", "action", "status", "actor", "reason", "total", "pending", "succeeded", "failed", "skipped")
        return cls(
            **{name: getattr(row, name) for name in same}, stopReason=row.stop_reason, createdAt=row.created_at,
            finishedAt=row.finished_at, nextCursor=page.next_cursor,
            items=[BulkItemShown(id=item.id, outcome=item.outcome, detail=item.detail) for item in page.items],
        )
