"""What intake reads and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from app.domain.report import MAX_BATCH_ITEMS, Report


class IntakeHeaders(BaseModel):
    """The header that recognises a repeat."""

    key: Annotated[str, Field(alias="Idempotency-Key", min_length=1, max_length=255)]


class BatchReport(Report):
    """A report within a batch, with its key."""

    idempotencyKey: Annotated[str, Field(min_length=1, max_length=255)]


class Batch(BaseModel):
    """Many reports at once."""

    failures: Annotated[list[BatchReport], Field(max_length=MAX_BATCH_ITEMS)]


class ReceiptAnswer(BaseModel):
    """The report is stored; a repeat gets the first answer again."""

    id: str
    status: str
    nextAttemptAt: datetime | None
    url: str


class BatchItem(BaseModel):
    """One item's answer: a receipt (202, or 200 for a repeat), or the members of a problem."""

    model_config = ConfigDict(extra="allow")
    status: int
    id: str | None = None
    nextAttemptAt: datetime | None = None
    url: str | None = None


class BatchAnswer(BaseModel):
    """The items' answers, in order."""

    results: list[BatchItem]


class Confirmation(BaseModel):
    """A consumer's word that it processed a message that was sent again."""

    attempt: StrictInt


class ConfirmationAnswer(BaseModel):
    """What the failure is now."""

    id: str
    status: str
