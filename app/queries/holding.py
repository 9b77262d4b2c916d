"""Why an attempt that is due is not made: its target is held back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.breaker import BreakerState
from app.models.audit import AuditEntry
from app.models.target import Target

NEWEST = 500  # acts looked at for who paused it: the audit has no index of its subjects


@dataclass(frozen=True)
class Held:
    """A target that nothing is tried at now; `since` and `by` of its pause, where the newest acts still tell."""

    target: str
    paused: bool
    since: datetime | None = None
    by: str | None = None


def held(session: Session, name: str | None) -> Held | None:
    """Return how a target is held back, None where it is not."""
    target = session.get(Target, name) if name else None
    if target is None or (not target.paused and target.state == BreakerState.CLOSED):
        return None
    if not target.paused:
        return Held(target.name, paused=False)
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(NEWEST).subquery()
    pauses = select(newest.c.at, newest.c.actor).where(newest.c.action == "target.pause", newest.c.subject == name)
    act = session.execute(pauses.order_by(newest.c.id.desc()).limit(1)).first()
    return Held(target.name, True, *act) if act else Held(target.name, paused=True)
