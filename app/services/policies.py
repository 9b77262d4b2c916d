"""The schedule of each kind of remedy: the default, or what an administrator set."""

from typing import cast

from sqlalchemy import Table, select

from app.desk import Desk
from app.domain.retry_policy import DEFAULTS, Policy
from app.models.policy import RetryPolicy

_ALL = select(cast(Table, RetryPolicy.__table__))


def policies(desk: Desk) -> dict[str, Policy]:
    """Return every kind's schedule, as it was a second ago at most."""
    return desk.known_policies.get(desk.clock(), lambda: _read(desk))


def _read(desk: Desk) -> dict[str, Policy]:
    with desk.store.read() as session:
        rows = session.connection().execute(_ALL).all()
    changed = {row.remedy_type: Policy(row.base, row.cap, row.attempts, row.factor, row.jitter) for row in rows}
    return DEFAULTS | changed
