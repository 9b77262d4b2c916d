"""Targets: their switch, their breaker and their rate, shared by all workers through one row each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import requests
from sqlalchemy import Table, bindparam, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain import pacing
from app.domain.breaker import BreakerState
from app.domain.text import clean, cut
from app.errors import NotFound
from app.models.history import SYSTEM
from app.models.target import Target
from app.outgoing import Deadline, send
from app.remedies import Result
from app.services import audit
from messaging import MessagingError
from storage import insert_if_absent

PROBE_LEASE = timedelta(seconds=15)
PROBE_SECONDS = (3.0, 5.0)

_TARGETS: Table = Target.__table__  # type: ignore[assignment]
_ONE = select(Target).where(Target.name == bindparam("name")).with_for_update()


def blocked(session: Session, now: datetime) -> dict[str, datetime | None]:
    """Return the targets that nothing may be claimed for now, and until when, where that is known.

    They are paused, open, busy with their one trial, or have used up their rate.
    """
    rows = session.scalars(
        select(Target).where(
            or_(
                Target.paused.is_(True),
                Target.state == BreakerState.OPEN,
                (Target.state == BreakerState.HALF_OPEN) & (Target.probe_until > now),
                Target.next_free_at > now,
            )
        )
    )
    return {target.name: _blocked_until(target) for target in rows}


def _blocked_until(target: Target) -> datetime | None:
    if target.paused or target.state == BreakerState.OPEN:
        return None  # a person's act or a probe ends it
    return target.probe_until if target.state == BreakerState.HALF_OPEN else target.next_free_at


def allowance(session: Session, desk: Desk, name: str, limit: int, now: datetime, lease: timedelta) -> int:
    """Return how many attempts may start now: none, one (on trial), what the rate leaves, or `limit`."""
    rate, target = desk.targets.rate(name), _locked(session, name)
    if target is None:
        return limit if rate is None else 1
    if target.paused or target.state == BreakerState.OPEN:
        return 0
    if target.state == BreakerState.HALF_OPEN:
        if target.probe_until is not None and target.probe_until > now:
            return 0
        target.probe_until = now + lease
        return 1
    return limit if rate is None else min(limit, pacing.slots(target.next_free_at or now, now, rate))


def used(session: Session, desk: Desk, name: str, number: int, now: datetime) -> None:
    """Book started attempts against the target's rate; over all workers, since the row is locked."""
    rate = desk.targets.rate(name)
    if not number:
        target = _locked(session, name)
        if target is not None and target.state == BreakerState.HALF_OPEN:
            target.probe_until = None  # the trial that `allowance` granted found nothing to do
        return
    if rate is not None:
        target = _locked(session, name) or _made(session, name)
        target.next_free_at = pacing.book(target.next_free_at or now, now, rate, number)


def learn(session: Session, desk: Desk, name: str, results: Sequence[tuple[str, Result]], now: datetime) -> None:
    """Let the breaker learn from attempts; a healthy target costs no write."""
    target = _locked(session, name)
    if target is None and not any(result.unavailable for _, result in results):
        return
    target = target or _made(session, name)
    breaker = target.breaker
    for failure_id, result in results:
        breaker = breaker.was_unavailable(failure_id, now, desk.scale) if result.unavailable else breaker.succeeded()
        if result.unavailable:
            target.last_error = cut(clean(result.detail), 500)
    target.probe_until = None
    if breaker != target.breaker:
        target.breaker = breaker


def pause(desk: Desk, name: str, *, actor: str) -> None:
    """Hold everything that waits for a target. Raises NotFound."""
    _switch(desk, name, paused=True, actor=actor)


def resume(desk: Desk, name: str, *, actor: str) -> None:
    """Let a target's work go on, at its rate. Raises NotFound."""
    _switch(desk, name, paused=False, actor=actor)


def probe(desk: Desk, name: str, *, actor: str = SYSTEM) -> bool:
    """Ask a target whether it is there, once over all workers; True when it answered.

    Raises:
        NotFound: there is no such target.
    """
    _check(desk, name)
    if not _take_probe(desk, name):
        return False
    error = _knock(desk, name)
    with desk.store.write() as session:
        target, now = _locked(session, name) or _made(session, name), desk.store.now(session)
        target.probe_until = None
        target.last_probe_at = now
        if error is not None:
            target.last_error = cut(clean(error), 500)
        before = target.state
        if target.state != BreakerState.CLOSED:
            breaker = target.breaker
            target.breaker = breaker.probe_succeeded() if error is None else breaker.probe_failed(now, desk.scale)
        if actor != SYSTEM:
            audit.record(session, actor=actor, action="target.probe", now=now, subject=name, reason=error,
                         before={"breaker": before}, after={"breaker": target.state})
    return error is None


def probe_due(desk: Desk) -> bool:
    """Probe every target whose breaker's pause has run out; True when there was one."""
    with desk.store.read() as session:
        now = desk.store.now(session)
        due = session.scalars(
            select(Target.name).where(
                Target.state == BreakerState.OPEN, Target.open_until <= now,
                # another worker is asking: to find it due again and again would only spin until it has an answer
                or_(Target.probe_until.is_(None), Target.probe_until <= now),
            )
        ).all()
    known = [name for name in due if name in desk.targets]
    for name in known:
        probe(desk, name)
    return bool(known)


def _take_probe(desk: Desk, name: str) -> bool:
    with desk.store.write() as session:
        target, now = _locked(session, name) or _made(session, name), desk.store.now(session)
        if target.probe_until is not None and target.probe_until > now:
            return False
        target.probe_until = now + PROBE_LEASE
    return True


def _knock(desk: Desk, name: str) -> str | None:
    """Return why a target does not answer, or None."""
    try:
        match desk.targets.kind(name):
            case "database":
                with desk.targets.store(name).reader.connect() as connection:
                    connection.execute(text("SELECT 1"))
            case "http":
                session = desk.targets.http(name)
                request = session.prepare_request(requests.Request("GET", desk.targets.url(name)))
                with Deadline(PROBE_SECONDS[1]), send(session, request, timeout=PROBE_SECONDS) as answer:
                    pass
                if answer.status_code >= 500:
                    return f"it answered {answer.status_code}"
            case _:
                desk.broker.ping()
    except (SQLAlchemyError, requests.RequestException, MessagingError) as error:
        return str(error)
    return None


def _switch(desk: Desk, name: str, *, paused: bool, actor: str) -> None:
    _check(desk, name)
    with desk.store.write() as session:
        target = _locked(session, name) or _made(session, name)
        before, target.paused = target.paused, paused
        audit.record(
            session, actor=actor, action="target.pause" if paused else "target.resume", now=desk.clock(), subject=name,
            before={"paused": before}, after={"paused": paused},
        )


def _check(desk: Desk, name: str) -> None:
    if name not in desk.targets:
        raise NotFound(f"There is no target {name!r}.")


def _locked(session: Session, name: str) -> Target | None:
    return session.scalar(_ONE, {"name": name})


def _made(session: Session, name: str) -> Target:
    # Two workers may find no row at the same moment; the outcomes that one of them brings must not fail for that.
    insert_if_absent(session, _TARGETS, {"name": name})
    return session.scalars(_ONE, {"name": name}).one()
