"""What a person can do with one failure; each public function is one act, with its history and audit."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.masking import restored
from app.domain.remedy import DATABASE_REMEDIES, LOCKED_FIELDS, target_of
from app.domain.report import validate_remedy
from app.domain.status import Action, Status, allowed_actions
from app.domain.text import clean
from app.errors import Conflict, Fault, Invalid, NotFound
from app.models import transitions
from app.models.attempt import Attempt
from app.models.failure import Failure
from app.remedies import REMEDIES, DatabaseRemedy, Means, Outcome, Preview, Run
from app.services import audit

Within = Callable[[Session], None]
"""Further writes of the caller, made in the act's own transaction."""

LONGEST_TEXT = 10_000


def retry(
    desk: Desk, failure_id: str, *, actor: str, remedy: Any = None, reason: str | None = None,
    version: int | None = None, bulk_id: str | None = None, within: Within | None = None,
) -> None:
    """Schedule an attempt at once, with the remedy as it is or as a person corrected it; its tries start anew.

    Raises:
        NotFound, Conflict: as `transitions.read`, or the status forbids it.
        Invalid: there is no remedy at all, or the corrected one cannot be used.
    """
    with desk.store.write() as session:
        failure = transitions.read(session, failure_id, version=version)
        _allow(failure, Action.RETRY)
        before = failure.remedy
        chosen = corrected(desk, failure, remedy)
        now = desk.store.now(session)  # by which workers tell what is due
        edited = chosen != before
        old = failure.status
        changed: dict[str, Any] = {"before": {"remedy": before}, "after": {"remedy": chosen}} if edited else {}
        transitions.move_to(
            session, failure, Status.SCHEDULED, actor=actor, action="retry", now=now, reason=_optional(reason),
            **changed, remedy=chosen, remedy_type=chosen["type"], target=target_of(chosen), next_attempt_at=now,
            requested_by=actor, bulk_id=bulk_id, attempts_counted=0, abandoned_in_a_row=0,
        )
        _also(session, within)
        audit.record(
            session, actor=actor, action="failure.correct_and_retry" if edited else "failure.retry", now=now,
            failure_id=failure_id, reason=_optional(reason),
            before={"status": old} | changed.get("before", {}),
            after={"status": Status.SCHEDULED} | changed.get("after", {}),
        )


def preview(desk: Desk, failure_id: str, *, remedy: Any = None) -> Preview:
    """Tell what a retry would do now, without doing it. Raises NotFound, Invalid."""
    with desk.store.read() as session:
        failure = session.get(Failure, failure_id)
        if failure is None:
            raise NotFound(f"There is no failure {failure_id}.")
        chosen = corrected(desk, failure, remedy)
    run = Run(failure.id, failure.attempts_made + 1, failure.fence + 1, chosen, desk.clock(), failure.traceparent)
    return REMEDIES[chosen["type"]].preview(Means(desk.targets, desk.broker), run)


def assign(
    desk: Desk, failure_id: str, *, actor: str, assignee: str | None, reason: str | None = None,
    version: int | None = None, within: Within | None = None,
) -> None:
    """Give a failure to somebody, or to nobody (None). Raises NotFound, Conflict, Invalid."""
    assignee = clean(assignee) if assignee is not None else None
    if assignee is not None and not 0 < len(assignee.strip()) <= 255:
        raise Invalid([Fault("/assignee", "must be 1 to 255 characters long, or null")])
    with desk.store.write() as session:
        failure = transitions.read(session, failure_id, version=version)
        change: dict[str, Any] = {
            "before": {"assignee": failure.assignee}, "after": {"assignee": assignee}, "reason": _optional(reason),
        }
        now = desk.clock()
        _allow(failure, Action.ASSIGN)
        transitions.note(session, failure, actor=actor, action="assign", now=now, **change, assignee=assignee)
        _also(session, within)
        audit.record(session, actor=actor, action="failure.assign", now=now, failure_id=failure_id, **change)


def comment(desk: Desk, failure_id: str, *, actor: str, text: str, version: int | None = None) -> None:
    """Write a note; notes survive everything. Raises NotFound, Conflict, Invalid."""
    words = _needed(text, "/text")
    with desk.store.write() as session:
        failure = transitions.read(session, failure_id, version=version)
        _allow(failure, Action.COMMENT)
        now = desk.clock()
        transitions.note(session, failure, actor=actor, action="comment", now=now, reason=words)
        audit.record(session, actor=actor, action="failure.comment", now=now, failure_id=failure_id, reason=words)


def resolve(
    desk: Desk, failure_id: str, *, actor: str, reason: str, version: int | None = None, within: Within | None = None
) -> None:
    """Close a failure that was put right in another way. Raises NotFound, Conflict, Invalid."""
    _close(desk, failure_id, Status.RESOLVED, Action.RESOLVE, actor, reason, version, within)


def discard(
    desk: Desk, failure_id: str, *, actor: str, reason: str, version: int | None = None, within: Within | None = None
) -> None:
    """Close a failure for which nothing shall be done. Raises NotFound, Conflict, Invalid."""
    _close(desk, failure_id, Status.DISCARDED, Action.DISCARD, actor, reason, version, within)


def reopen(desk: Desk, failure_id: str, *, actor: str, reason: str, version: int | None = None) -> None:
    """Bring a closed failure back for review. Raises NotFound, Conflict, Invalid."""
    words = _needed(reason, "/reason")
    with desk.store.write() as session:
        failure = transitions.read(session, failure_id, version=version)
        _allow(failure, Action.REOPEN)
        _move(session, desk, failure, Status.REVIEW, Action.REOPEN, actor, words, shown_reason=words)


def corrected(desk: Desk, failure: Failure, remedy: Any) -> dict[str, Any]:
    """Return the remedy to run: the stored one, or a person's, its locked fields and masked secrets as they were.

    Raises:
        Invalid: there is none, a locked field was changed, it is no valid remedy, or its target is not registered.
    """
    chosen = _chosen(desk, failure, remedy)
    if missing := desk.targets.missing(target_of(chosen)):
        raise Invalid([Fault("/remedy", missing)])
    return chosen


def _chosen(desk: Desk, failure: Failure, remedy: Any) -> dict[str, Any]:
    stored = failure.remedy
    if remedy is None:
        if stored is None:
            raise Invalid([Fault("/remedy", "this failure has no remedy: give one")])
        return stored
    if not isinstance(remedy, dict):
        raise Invalid([Fault("/remedy", "should be an object")])
    chosen = dict(restored(remedy, stored))
    if stored is None:
        if chosen.get("type") in DATABASE_REMEDIES:
            chosen.setdefault("operationId", f"dlo-{failure.id}")
    else:
        chosen = _locked(stored, chosen)
    return validate_remedy(chosen, desk.known)


def _locked(stored: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    faults = []
    for name in LOCKED_FIELDS[stored["type"]]:
        if name in stored:
            if chosen.setdefault(name, stored[name]) != stored[name]:
                faults.append(Fault(f"/remedy/{name}", f"cannot be changed (it is {stored[name]!r})"))
        elif name in chosen:
            faults.append(Fault(f"/remedy/{name}", "cannot be added"))
    if faults:
        raise Invalid(faults)
    return chosen


def _close(
    desk: Desk, failure_id: str, status: Status, action: Action, actor: str, reason: str, version: int | None,
    within: Within | None,
) -> None:
    words = _needed(reason, "/reason")
    with desk.store.read() as session:
        failure = transitions.read(session, failure_id, version=version)
        _allow(failure, action)
        seen, unsure = failure.version, _may_still_run(session, failure_id)
    # The tombstone goes first, with no transaction of ours open: a worker that wakes up late must find it.
    remark = _bar(desk, failure, must=unsure)
    with desk.store.write() as session:
        failure = transitions.read(session, failure_id, version=seen)
        _allow(failure, action)
        _move(session, desk, failure, status, action, actor, words, after=remark, within=within)


def _bar(desk: Desk, failure: Failure, *, must: bool) -> dict[str, str] | None:
    """Bar the failure's operation in its target; returns a remark for the history."""
    remedy = REMEDIES.get(failure.remedy_type or "")
    if not isinstance(remedy, DatabaseRemedy) or failure.remedy is None:
        return None
    run = Run(failure.id, failure.attempts_made, failure.fence, failure.remedy, desk.clock())
    try:
        return None if remedy.bar(Means(desk.targets, desk.broker), run) else {"effect": "was applied before"}
    except SQLAlchemyError as error:
        if must:
            raise Conflict(
                f"{remedy.target} cannot be reached, and an earlier attempt may still be under way there: try again"
                " when it is back.",
                current_status=failure.status,
            ) from error
        return {"tombstone": f"not written: {remedy.target} could not be reached"}


def _may_still_run(session: Session, failure_id: str) -> bool:
    """Tell whether a worker lost its lease during an attempt: it may be frozen, and wake up."""
    unfinished = or_(Attempt.outcome == Outcome.ABANDONED, Attempt.outcome.is_(None))
    return bool(session.scalar(select(exists().where(Attempt.failure_id == failure_id, unfinished))))


def _move(
    session: Session, desk: Desk, failure: Failure, status: Status, action: Action, actor: str, reason: str, *,
    after: Any = None, shown_reason: str | None = None, within: Within | None = None,
) -> None:
    now, old, failure_id = desk.clock(), failure.status, failure.id
    transitions.move_to(
        session, failure, status, actor=actor, action=action, now=now, reason=reason, after=after,
        shown_reason=shown_reason,
    )
    _also(session, within)
    audit.record(
        session, actor=actor, action=f"failure.{action}", now=now, failure_id=failure_id, reason=reason,
        before={"status": old}, after={"status": status},
    )


def _allow(failure: Failure, action: Action) -> None:
    if action not in allowed_actions(Status(failure.status)):
        raise Conflict(f"A failure that is {failure.status} does not take this: {action}.",
                       current_status=failure.status)


def _needed(text: str | None, pointer: str) -> str:
    words = clean(text or "").strip()
    if not words:
        raise Invalid([Fault(pointer, "must not be blank")])
    if len(words) > LONGEST_TEXT:
        raise Invalid([Fault(pointer, f"must be up to {LONGEST_TEXT} characters long")])
    return words


def _optional(text: str | None) -> str | None:
    return clean(text).strip() or None if text else None


def _also(session: Session, within: Within | None) -> None:
    if within is not None:
        within(session)
