"""Targets: their breakers, their switches, and what waits for them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.breaker import BreakerState
from app.domain.masking import masked_text
from app.domain.status import Status
from app.models.failure import Failure
from app.models.target import Target
from app.queries.counts import Count, count, is_status

MOST_HELD = 10_000


@dataclass(frozen=True)
class TargetRow:
    """A target. `held` counts (up to 10,000) what waits for it while it is paused or its breaker is not closed."""

    name: str
    kind: str
    breaker: str
    paused: bool
    held: Count
    open_until: datetime | None
    last_probe_at: datetime | None
    last_error: str | None
    rate_per_second: float | None

    @property
    def is_blocked(self) -> bool:
        """Tell whether work is held back from it."""
        return self.paused or self.breaker != BreakerState.CLOSED


def listed(desk: Desk) -> list[TargetRow]:
    """Return every registered target: databases, services, queues."""
    with desk.store.read() as session:
        known = {target.name: target for target in session.scalars(select(Target))}
        return [_row(desk, session, name, known.get(name)) for name in desk.targets.names]


def _row(desk: Desk, session: Session, name: str, target: Target | None) -> TargetRow:
    kind, rate = desk.targets.kind(name), desk.targets.rate(name)
    if target is None:
        return TargetRow(name, kind, BreakerState.CLOSED, False, Count(0), None, None, None, rate)
    waits = (is_status(Status.SCHEDULED), Failure.target == name)
    held = count(session, MOST_HELD, *waits) if target.paused or target.state != BreakerState.CLOSED else Count(0)
    return TargetRow(
        name, kind, target.state, target.paused, held, target.open_until, target.last_probe_at,
        None if target.last_error is None else masked_text(target.last_error), rate,
    )
