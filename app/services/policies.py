"""The schedule of each kind of remedy: the default, or what an administrator set."""

from dataclasses import asdict
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.retry_policy import DEFAULTS, Policy
from app.models.policy import RetryPolicy
from app.services import audit

_ALL = select(cast(Table, RetryPolicy.__table__))


def policies(desk: Desk) -> dict[str, Policy]:
    """Return every kind's schedule, as it was a second ago at most."""
    return desk.known_policies.get(desk.clock(), lambda: _read(desk))


def stored(session: Session) -> dict[str, Policy]:
    """Return every kind's schedule, as it is in the database."""
    rows = session.connection().execute(_ALL)
    changed = {row.remedy_type: Policy(row.base, row.cap, row.attempts, row.factor, row.jitter) for row in rows}
    return DEFAULTS | changed


def change(desk: Desk, remedy_type: str, wanted: Policy, *, actor: str) -> None:
    """Set one kind's schedule; what is scheduled already keeps its time."""
    with desk.store.write() as session:
        before = stored(session)[remedy_type]
        session.merge(RetryPolicy(remedy_type=remedy_type, **asdict(wanted)))
        audit.record(
            session, actor=actor, action="policy.change", now=desk.clock(), subject=remedy_type,
            before=asdict(before), after=asdict(wanted),
        )


def _read(desk: Desk) -> dict[str, Policy]:
    with desk.store.read() as session:
        return stored(session)
