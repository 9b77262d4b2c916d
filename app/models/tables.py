"""Imports every table once, for Alembic and the tests."""

from app.models import (
    account,
    attempt,
    audit,
    bulk,
    counter,
    failure,
    group,
    history,
    policy,
    report,
    session,
    target,
    view,
    worker,
)
from app.models.base import Base

metadata = Base.metadata

__all__ = [
    "account", "attempt", "audit", "bulk", "counter", "failure", "group", "history", "metadata", "policy", "report",
    "session", "target", "view", "worker",
]
