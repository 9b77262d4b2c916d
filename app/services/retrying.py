"""The one door through which remedies run: timer, click and bulk alike.

Claim (lease, fence, attempt) and commit; run with no transaction of ours open; record, guarded by the fence.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, func, literal, literal_column, select, union_all, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from app.desk import Desk
from app.domain.retry_policy import GiveUp, Policy, decide
from app.domain.status import Status
from app.domain.trace import trace_id
from app.logs import about
from app.models.bulk import BulkItem
from app.models.claims import Claimed, Settled, claim, give_back, settle
from app.models.failure import Failure
from app.remedies import REMEDIES, Means, Outcome, Result, Run
from app.services import targets
from app.services.policies import policies
from app.services.returned import CONFIRM_WITHIN
from storage import OneConnection, Store

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
BATCH = 100  # database writes are short: one lease and one record for many
PARALLEL = 4  # calls over the network wait: so many at once, and never more than fit into one lease
MISSES = 3  # unavailable answers in one batch after which the rest is given back
BUDGET = LEASE.total_seconds() / 3  # nothing of a batch is begun later than this

Ran = tuple[Claimed, Result]


def due_targets(desk: Desk) -> tuple[list[str], datetime | None]:
    """Return the targets that have due work and may be called, and when the next work of any falls due."""
    with desk.store.read() as session:
        now = desk.store.now(session)
        blocked = targets.blocked(session, now)
        looked = session.execute(_first_due(tuple(desk.targets.names)))
        firsts = {row[0]: row[1] for row in looked if row[1] is not None}
    due = [name for name, first in firsts.items() if first <= now and name not in blocked]
    upcoming = [blocked.get(name, first) for name, first in firsts.items() if name not in due]
    return due, min((moment for moment in upcoming if moment is not None), default=None)


@cache
def _first_due(names: tuple[str, ...]) -> CompoundSelect[Any]:
    # One look into the index of due work for each target: the cost does not grow with the backlog.
    return union_all(
        *(
            select(literal(name), func.min(Failure.next_attempt_at)).where(
                literal_column("status") == literal_column("'scheduled'"), Failure.target == name
            )
            for name in names
        )
    )


def work(desk: Desk, target: str, worker: str, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Claim, run and record one batch of a target's due failures; True when there was one."""
    is_database = desk.targets.kind(target) == "database"
    claimed = _claim(desk, target, worker, BATCH if is_database else PARALLEL)
    if not claimed:
        return False
    run = _run_in_turn if is_database else _run_in_parallel
    ran = run(desk, target, claimed, stopping)
    _recording(stopping)(_record, desk, target, claimed, ran)
    return True


def _claim(desk: Desk, target: str, worker: str, limit: int) -> list[Claimed]:
    with desk.store.write() as session:
        now = desk.store.now(session)
        allowed = targets.allowance(session, desk, target, limit, now, LEASE)
        if not allowed:
            return []
        claimed = claim(session, target, now=now, lease=LEASE, worker=worker, limit=allowed)
        targets.used(session, desk, target, len(claimed), now)
    return claimed


def _run_in_turn(desk: Desk, target: str, claimed: Sequence[Claimed], stopping: Callable[[], bool]) -> list[Ran]:
    ran: list[Ran] = []
    misses, end = 0, time.monotonic() + BUDGET
    with closing(OneConnection(desk.targets.store(target))) as kept:
        for item in claimed:
            if stopping() or misses >= MISSES or time.monotonic() > end:
                break
            result = run_one(desk, item, kept)
            misses = misses + 1 if result.unavailable else 0
            ran.append((item, result))
    return ran


def _run_in_parallel(desk: Desk, target: str, claimed: Sequence[Claimed], stopping: Callable[[], bool]) -> list[Ran]:
    if stopping():
        return []
    if len(claimed) == 1:
        return [(claimed[0], run_one(desk, claimed[0]))]
    with ThreadPoolExecutor(len(claimed), thread_name_prefix=f"attempt-{target}") as pool:
        return list(zip(claimed, pool.map(lambda item: run_one(desk, item), claimed), strict=True))


def run_one(desk: Desk, item: Claimed, kept: Store | None = None) -> Result:
    """Run one attempt; whatever goes wrong is a result, and how it ended is logged here alone."""
    begun = time.monotonic()
    with about(failure_id=item.id, order_id=item.order_id, source=item.source, attempt=item.attempt,
               trace_id=trace_id(item.traceparent)):
        result, error = _apply(desk, item, kept)
        seconds = round(time.monotonic() - begun, 3)
        said = {"remedy": item.remedy["type"], "outcome": result.outcome.value, "seconds": seconds}
        log.log(logging.ERROR if error else logging.INFO, "the attempt has ended", extra=said, exc_info=error)
    return result


def _apply(desk: Desk, item: Claimed, kept: Store | None) -> tuple[Result, Exception | None]:
    run = Run(item.id, item.attempt, item.fence, item.remedy, desk.clock(), item.traceparent)
    try:
        return REMEDIES[item.remedy["type"]].apply(Means(desk.targets, desk.broker, kept), run), None
    except Exception as error:  # a fault of ours must not stop the line, nor be lost
        return Result(Outcome.PASSING, f"The attempt broke: {type(error).__name__}."), error


def _record(desk: Desk, target: str, claimed: Sequence[Claimed], ran: Sequence[Ran]) -> None:
    schedules = policies(desk)
    with desk.store.write() as session:
        now = desk.store.now(session)
        settled = [_judge(desk, item, result, schedules[item.remedy["type"]], now) for item, result in ran]
        held = settle(session, settled, now=now)
        _tell_bulk(session, held, now)
        begun = {item.id for item, _ in ran}
        left = [item for item in claimed if item.id not in begun]
        if left:
            give_back(session, left, now=now, reason="Its worker had to stop before it was begun.")
        targets.learn(session, desk, target, [(item.id, result) for item, result in ran], now)
    for lost in {item.claimed.id for item in settled} - {item.claimed.id for item in held}:
        log.warning("the lease had run out: this attempt's outcome was not recorded", extra={"failure_id": lost})


def _recording(stopping: Callable[[], bool]) -> Retrying:
    # The effects are there: a store that is away for a while should learn of them, rather than have them tried again.
    long_enough = stop_after_delay(LEASE.total_seconds())
    return Retrying(
        retry=retry_if_exception_type((OperationalError, InterfaceError)), wait=wait_random_exponential(0.1, max=2.0),
        stop=lambda state: stopping() or long_enough(state), reraise=True,
    )


def _judge(desk: Desk, item: Claimed, result: Result, policy: Policy, now: datetime) -> Settled:
    match result.outcome:
        case Outcome.APPLIED | Outcome.ALREADY_APPLIED | Outcome.SUPERSEDED:
            return Settled(item, result.outcome, result.detail, Status.RESOLVED)
        case Outcome.SENT:
            until = now + timedelta(seconds=CONFIRM_WITHIN * desk.scale)
            return Settled(item, result.outcome, result.detail, Status.SENT, confirm_by=until)
        case Outcome.PASSING:
            return _again(desk, item, result, policy, now)
    return Settled(item, result.outcome, result.detail, Status.REVIEW, reason=result.detail)


def _again(desk: Desk, item: Claimed, result: Result, policy: Policy, now: datetime) -> Settled:
    decision = decide(
        policy, item.attempts_counted + 1, now, scale=desk.scale, retry_after=result.retry_after, random=desk.random
    )
    if isinstance(decision, GiveUp):
        reason = f"All {decision.attempts} attempts are used up. The last one: {result.detail}"
        return Settled(item, result.outcome, result.detail, Status.REVIEW, reason=reason)
    return Settled(item, result.outcome, result.detail, Status.SCHEDULED, next_attempt_at=decision.when)


_SUCCEEDED = (Outcome.APPLIED, Outcome.ALREADY_APPLIED, Outcome.SUPERSEDED, Outcome.SENT)


def _tell_bulk(session: Session, settled: Sequence[Settled], now: datetime) -> None:
    for item in settled:
        if item.claimed.bulk_id:
            session.execute(
                update(BulkItem)
                .where(
                    BulkItem.bulk_id == item.claimed.bulk_id, BulkItem.failure_id == item.claimed.id,
                    BulkItem.outcome == "started",
                )
                .values(outcome="succeeded" if item.outcome in _SUCCEEDED else "failed", detail=item.detail, at=now)
            )
