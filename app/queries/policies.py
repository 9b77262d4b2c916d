"""The schedule of each kind of remedy: the default, or what an administrator set."""

from typing import cast

from sqlalchemy import Connection, Table, select

from app.domain.retry_policy import DEFAULTS, Policy
from app.models.policy import RetryPolicy

_ALL = select(cast(Table, RetryPolicy.__table__))


def stored_policies(connection: Connection) -> dict[str, Policy]:
    """Return every kind's schedule as it is now."""
    changed = {
        row.remedy_type: Policy(row.base, row.cap, row.attempts, row.factor, row.jitter)
        for row in connection.execute(_ALL)
    }
    return DEFAULTS | changed
