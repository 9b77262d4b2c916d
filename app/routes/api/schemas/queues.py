"""Queues and their messages as the API reads and shows them."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictStr, field_validator, model_validator

from app.queries.queues import MessageRow, QueueRow


class QueueItem(BaseModel):
    """A queue; `depth` null: the broker is away."""

    name: str
    depth: int | None
    stored: int
    oldest: datetime | None
    deadLetters: bool

    @classmethod
    def of(cls, row: QueueRow) -> Self:
        """Build from a row of the queries."""
        return cls(name=row.name, depth=row.depth, stored=row.stored, oldest=row.oldest,
                   deadLetters=row.is_dead_letter_queue)


class QueueList(BaseModel):
    """Every queue."""

    items: list[QueueItem]


class MessagesQuery(BaseModel):
    """How many messages to look at."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20


class MessageItem(BaseModel):
    """A message; with `failureId` it is stored here, and no longer in the broker."""

    id: str | None
    bodyBase64: str
    headers: dict[str, Any]
    contentType: str | None
    diedOf: str | None
    failureId: str | None
    storedAt: datetime | None

    @classmethod
    def of(cls, row: MessageRow) -> Self:
        """Build from a row of the queries."""
        return cls(id=row.id, bodyBase64=row.body_base64, headers=row.headers, contentType=row.content_type,
                   diedOf=row.died_of, failureId=row.failure_id, storedAt=row.at)


class MessageList(BaseModel):
    """The oldest messages."""

    items: list[MessageItem]


class PublishBody(BaseModel):
    """A message to publish: `body` as text or JSON, or any bytes in base64."""

    model_config = ConfigDict(extra="forbid")
    body: Any = None
    bodyBase64: StrictStr | None = None
    headers: Annotated[dict[str, Any], Field(max_length=100)] = Field(default_factory=dict)
    messageId: Annotated[StrictStr, Field(min_length=1, max_length=255)] | None = None
    contentType: Annotated[StrictStr, Field(max_length=255)] = "application/json"

    @field_validator("bodyBase64")
    @classmethod
    def _base64(cls, value: str | None) -> str | None:
        try:
            base64.b64decode(value or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("is not base64") from error
        return value

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if ("body" in self.model_fields_set) == (self.bodyBase64 is not None):
            raise ValueError("needs either 'body' or 'bodyBase64'")
        return self


class PublishedAnswer(BaseModel):
    """The broker has the message."""

    messageId: str
    queue: str


class PurgeBody(BaseModel):
    """Why."""

    reason: StrictStr | None = None


class PurgedAnswer(BaseModel):
    """How many messages left the broker; each of them is stored."""

    purged: int
