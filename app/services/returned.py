"""What becomes of a message that was sent again: it came back, it was confirmed, or nobody said anything."""

from datetime import datetime

from sqlalchemy import literal_column, select, update
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.retry_policy import RetryAt, decide
from app.domain.status import OPEN, Status
from app.domain.text import clean, cut
from app.errors import Conflict, Forbidden
from app.ids import is_id
from app.models import transitions
from app.models.attempt import Attempt
from app.models.bulk import BulkItem
from app.models.failure import Failure
from app.models.history import SYSTEM
from app.remedies import Outcome
from app.remedies.publish_message import body_of, message_id_of
from app.services.policies import policies
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Delivery, Message, Verdict
from messaging.deaths import newest_death

CONFIRM_WITHIN = 300.0  # seconds, before the retry scale
_CONFIRMED = "Confirmed by its consumer."
_UNCONFIRMED = "It was sent again, but its consumer did not confirm in time: look whether it arrived."


def take_back(session: Session, desk: Desk, delivery: Delivery) -> Verdict | None:
    """Count a message that came back against its attempt; None when it is to be treated as a new message."""
    named = _named(session, delivery)
    if named is None:
        return None
    failure, attempt = named
    is_latest = attempt == failure.attempts_made
    if is_latest and failure.status == Status.RUNNING:
        return Verdict.RETRY  # its worker has not yet written that it was sent; the lease bounds the wait
    if is_latest and failure.status == Status.SENT:
        _attempt_failed(session, desk, failure, delivery)
        return Verdict.ACK
    return Verdict.ACK if _is_known_copy(session, failure, attempt, delivery.message) else None


def confirm(desk: Desk, failure_id: str, *, attempt: int, source: str | None, actor: str) -> None:
    """Resolve a failure whose message was processed; saying so twice is harmless.

    `source` is the one that the sender may speak for: the failure's own, or the consumer of its queue; None: any.

    Raises:
        NotFound: there is no such failure. Forbidden: it is another source's.
        Conflict: this attempt is not the latest, or a person discarded the failure.
    """
    with desk.store.write() as session:
        failure = transitions.read(session, failure_id)
        if source is not None and source not in _speakers(desk, failure):
            raise Forbidden(f"This token confirms messages of {source!r} alone.")
        if failure.remedy_type != "publish_message" or not 0 < attempt == failure.attempts_made:
            raise Conflict(
                f"Attempt {attempt} is not the one that waits for a confirmation.", current_status=failure.status
            )
        if failure.status == Status.RESOLVED:
            return
        now = desk.clock()
        transitions.move_to(
            session, failure, Status.RESOLVED, actor=actor, action="confirmed", now=now, attempt=attempt,
            reason="Its consumer confirmed that it processed the message.", attempts_counted=failure.attempts_counted,
        )
        _finish(session, failure_id, attempt, Outcome.SENT, _CONFIRMED, now)
        _tell_bulk(session, desk, failure)


def give_up_waiting(desk: Desk, limit: int = 100) -> bool:
    """Move sent failures that nobody confirmed in time to review; True when there were any."""
    with desk.store.write() as session:
        now = desk.store.now(session)
        overdue = session.scalars(
            select(Failure)
            .where(literal_column("status") == literal_column("'sent'"), Failure.confirm_by <= now)
            .order_by(Failure.confirm_by).limit(limit).with_for_update(skip_locked=True)
        ).all()
        for failure in overdue:
            _finish(session, failure.id, failure.attempts_made, Outcome.UNCONFIRMED, _UNCONFIRMED, now)
            transitions.move_to(
                session, failure, Status.REVIEW, actor=SYSTEM, action=Outcome.UNCONFIRMED, now=now,
                attempt=failure.attempts_made, reason=_UNCONFIRMED, shown_reason=_UNCONFIRMED,
            )
    return bool(overdue)


def _speakers(desk: Desk, failure: Failure) -> set[str]:
    speakers = {failure.source}
    queues = {failure.operation, str((failure.remedy or {}).get("queue"))}
    return speakers | {desk.topology[queue].consumer for queue in queues if queue in desk.topology}


def _named(session: Session, delivery: Delivery) -> tuple[Failure, int] | None:
    headers = delivery.message.headers
    failure_id, attempt = headers.get(FAILURE_ID), headers.get(FAILURE_ATTEMPT)
    if not isinstance(failure_id, str) or not is_id(failure_id) or type(attempt) is not int:
        return None
    failure = session.scalar(select(Failure).where(Failure.id == failure_id.lower()).with_for_update())
    return (failure, attempt) if failure is not None else None


def _is_known_copy(session: Session, failure: Failure, attempt: int, message: Message) -> bool:
    """Tell whether a crash made this copy: its return was counted before, or its attempt given up as lost.

    Taken for a new message, it would be a second failure about the same message.
    """
    if failure.remedy is None or failure.remedy_type != "publish_message":
        return False
    if failure.status not in OPEN and attempt == failure.attempts_made:
        return False  # closed, and yet it came back: that is news
    sent = (message_id_of(failure.id, failure.remedy), body_of(failure.remedy))
    past = session.get(Attempt, (failure.id, attempt)) if (message.message_id, message.body) == sent else None
    return past is not None and past.outcome in (Outcome.RETURNED, Outcome.ABANDONED)


def _attempt_failed(session: Session, desk: Desk, failure: Failure, delivery: Delivery) -> None:
    now, attempt = desk.store.now(session), failure.attempts_made
    death = newest_death(delivery.message.headers)
    why = cut(clean(death.reason), 100) if death else "nobody knows why"
    words = f"It came back to {delivery.queue} ({why})."
    _finish(session, failure.id, attempt, Outcome.RETURNED, words, now)
    series = policies(desk)["publish_message"]
    # Tries are a minute apart, however long of it the message has lain in its queue.
    begun = session.get_one(Attempt, (failure.id, attempt)).started_at
    decision = decide(series, failure.attempts_counted, begun, scale=desk.scale, random=desk.random)
    if death is not None and death.reason == "expired" and isinstance(decision, RetryAt):
        transitions.move_to(
            session, failure, Status.SCHEDULED, actor=SYSTEM, action=Outcome.RETURNED, now=now, attempt=attempt,
            reason=words, next_attempt_at=max(decision.when, now),
        )
        return
    shown = words if isinstance(decision, RetryAt) else f"{words} All {decision.attempts} tries are used up."
    transitions.move_to(
        session, failure, Status.REVIEW, actor=SYSTEM, action=Outcome.RETURNED, now=now, attempt=attempt,
        reason=shown, shown_reason=shown,
    )


def _tell_bulk(session: Session, desk: Desk, failure: Failure) -> None:
    # Its worker, which would have told the bulk operation, comes too late.
    session.execute(
        update(BulkItem)
        .where(
            BulkItem.failure_id == failure.id, BulkItem.bulk_id == failure.bulk_id, BulkItem.outcome == "started"
        )
        .values(outcome="succeeded", detail=_CONFIRMED, at=desk.clock())
    )


def _finish(session: Session, failure_id: str, attempt: int, outcome: str, detail: str, now: datetime) -> None:
    session.execute(
        update(Attempt)
        .where(Attempt.failure_id == failure_id, Attempt.number == attempt)
        .values(outcome=outcome, detail=detail, finished_at=now)
    )
