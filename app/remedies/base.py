"""What a remedy is given, and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.targets import Targets
from messaging import Broker
from storage import Store


class Outcome(StrEnum):
    """How an attempt ended."""

    APPLIED = "applied"
    ALREADY_APPLIED = "already_applied"
    SUPERSEDED = "superseded"  # the order is further on already; nothing was written
    SENT = "sent"  # the broker has the message; its consumer has not confirmed yet
    PASSING = "passing"  # it may work later
    PERMANENT = "permanent"  # it cannot work as it is
    ABANDONED = "abandoned"  # its worker died; it may or may not have happened
    RETURNED = "returned"  # its message came back to the dead-letter queue
    UNCONFIRMED = "unconfirmed"  # nobody confirmed in time


@dataclass(frozen=True)
class Result:
    """An outcome in words; `unavailable` means that the target itself could not be reached (its breaker counts)."""

    outcome: Outcome
    detail: str
    retry_after: float | None = None
    unavailable: bool = False


@dataclass(frozen=True)
class Change:
    """One thing that an attempt would change."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Preview:
    """What an attempt would do now: `would_apply`, `already_applied` or `would_fail`."""

    outcome: str
    changes: list[Change] = field(default_factory=list)
    reason: str | None = None


@dataclass(frozen=True)
class Run:
    """One attempt: whose, under which fence, with which remedy."""

    failure_id: str
    attempt: int
    fence: int
    remedy: dict[str, Any]
    now: datetime
    traceparent: str | None = None


@dataclass(frozen=True)
class Means:
    """What remedies act through; `kept` is the store that a series of effects in one database keeps to."""

    targets: Targets
    broker: Broker
    kept: Store | None = None

    def store(self, name: str) -> Store:
        """Return the store of a database target."""
        return self.kept or self.targets.store(name)


class Remedy(Protocol):
    """One way to put a failure right. `apply` is safe to repeat; neither touches the desk's own database."""

    def apply(self, means: Means, run: Run) -> Result:
        """Run it once; every foreseeable trouble is a Result, not an exception."""

    def preview(self, means: Means, run: Run) -> Preview:
        """Tell what `apply` would do now, without doing it."""
