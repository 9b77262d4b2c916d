"""What travels: a message, a delivery of it, and what its receiver says."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

FAILURE_ID = "x-failure-id"
FAILURE_ATTEMPT = "x-failure-attempt"


@dataclass(frozen=True)
class Message:
    """A message as its sender wrote it; the body is bytes and never interpreted here."""

    body: bytes
    message_id: str | None = None
    content_type: str | None = "application/json"
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """One hand-over of a message to a consumer; `deliveries` counts from 1, over restarts.

    `returned`: somebody had it before and gave it back, perhaps only to look at it, which counts as no delivery.
    """

    message: Message
    queue: str
    deliveries: int
    tag: Any
    returned: bool = False

    @property
    def redelivered(self) -> bool:
        """Tell whether it may have been handled before; False only where that is certain."""
        return self.returned or self.deliveries > 1


class Verdict(Enum):
    """What a consumer answers for a delivery."""

    ACK = "ack"  # done with: forget it
    RETRY = "retry"  # a passing reason: deliver again after the queue's interval, up to its limit
    REJECT = "reject"  # it can never be processed: to the dead-letter queue, at once
    RELEASE = "release"  # not looked at (shutting down, or our store is away): give it back, uncounted


@dataclass(frozen=True)
class Death:
    """The newest entry of `x-death`: why, from which queue, when; None where the header is missing or odd."""

    reason: str
    queue: str
    time: datetime | None
    count: int
