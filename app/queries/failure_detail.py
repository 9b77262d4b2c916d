"""One failure, with all that is known of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.masking import masked, masked_text
from app.domain.report import MAX_MESSAGE
from app.domain.status import Action, Status, allowed_actions
from app.errors import NotFound
from app.ids import is_id
from app.models.attempt import Attempt
from app.models.failure import Failure
from app.models.history import Event
from app.models.report import StoredReport
from app.queries import sent
from app.queries.failures import FailureRow, row_of
from app.queries.sent import Sent

MOST_SHOWN = 1000  # attempts, and events: the newest


@dataclass(frozen=True)
class AttemptRow:
    """One run of the remedy; without `finished_at` it is under way."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None
    actor: str


@dataclass(frozen=True)
class EventRow:
    """One change: when, by whom, from, to, why."""

    at: datetime
    actor: str
    action: str
    old: str | None
    new: str | None
    reason: str | None
    attempt: int | None
    before: Any
    after: Any


@dataclass(frozen=True)
class FailureDetail:
    """A failure with what was sent, its remedy as it may be shown, its attempts and its history."""

    row: FailureRow
    sent: Sent
    remedy: dict[str, Any] | None
    traceparent: str | None
    attempts: tuple[AttemptRow, ...]
    events: tuple[EventRow, ...]

    @property
    def allowed(self) -> tuple[Action, ...]:
        """Return what a person may do now."""
        return allowed_actions(Status(self.row.status))

    @property
    def is_asked_for(self) -> bool:
        """Tell whether an attempt that a person asked for has not begun yet."""
        moves = [event for event in self.events if event.action not in (Action.COMMENT, Action.ASSIGN)]
        return self.row.status == Status.SCHEDULED and bool(moves) and moves[-1].action in (Action.RETRY, "replay")

    @property
    def proof(self) -> str | None:
        """Return what its last attempt said when it was put right; nothing where a person did it by hand."""
        last = next((event for event in reversed(self.events) if event.new == Status.RESOLVED != event.old), None)
        return last.reason if last and last.action != Action.RESOLVE else None


def detail(session: Session, failure_id: str) -> FailureDetail:
    """Return a failure with everything. Raises NotFound."""
    failure = session.get(Failure, failure_id.lower()) if is_id(failure_id) else None
    if failure is None:
        raise NotFound(f"There is no failure {failure_id}.")
    return FailureDetail(
        row=row_of(failure, MAX_MESSAGE),
        sent=sent.shown(session.get_one(StoredReport, failure.id)),
        remedy=None if failure.remedy is None else masked(failure.remedy),
        traceparent=failure.traceparent,
        attempts=tuple(map(_attempt, _newest(session, Attempt, failure.id, Attempt.number))),
        events=tuple(map(_event, _newest(session, Event, failure.id, Event.id))),
    )


def _newest(session: Session, model: Any, failure_id: str, order: Any) -> list[Any]:
    """Return a failure's newest rows of one table, the oldest of them first."""
    rows = session.scalars(
        select(model).where(model.failure_id == failure_id).order_by(order.desc()).limit(MOST_SHOWN)
    )
    return list(reversed(rows.all()))


def _attempt(attempt: Attempt) -> AttemptRow:
    return AttemptRow(
        attempt.number, attempt.started_at, attempt.finished_at, attempt.outcome, _text(attempt.detail), attempt.actor
    )


def _event(event: Event) -> EventRow:
    return EventRow(
        event.at, event.actor, event.action, event.from_status, event.to_status, _text(event.reason), event.attempt,
        masked(event.before), masked(event.after),
    )


def _text(text: str | None) -> str | None:
    return None if text is None else masked_text(text)
