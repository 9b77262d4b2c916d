"""The floor of retries: a bare loop that leases twenty, does each with its marker in a transaction, ticks them off."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, bindparam, insert, select, update

from app.remedies.marker import applied_operations
from app.remedies.order_status import orders
from storage import Store, open_store

LEASED, LEASE = 20, timedelta(seconds=30)

metadata = MetaData()
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", String(255), nullable=False),
    Column("status", String(12), nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("lease_until", DateTime),
    Index("ix_jobs_due", "status", "due_at"),
)

_DUE = (
    select(jobs.c.id, jobs.c.order_id)
    .where(jobs.c.status == "due")
    .order_by(jobs.c.due_at)
    .limit(LEASED)
    .with_for_update(skip_locked=True)
)
_SET = (
    update(jobs).where(jobs.c.id == bindparam("key")).values(status=bindparam("now"), lease_until=bindparam("until"))
)
_MARK = insert(applied_operations)
_MOVE = (
    update(orders)
    .where(orders.c.order_id == bindparam("order"), orders.c.status == "reserved")
    .values(status="paid")
)


def open_jobs(url: str) -> Store:
    """Make the floor's own database."""
    store = open_store(url)
    with store.connect() as connection:
        metadata.create_all(connection)
    return store


def add(store: Store, names: list[str]) -> None:
    """Add a job for each order, due now."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with store.connect() as connection:
        connection.execute(insert(jobs), [{"order_id": name, "status": "due", "due_at": now} for name in names])


def work(store: Store, target: Store) -> int:
    """Lease, do and tick off one batch; return how many there were."""
    now = datetime.now(UTC)
    until = (now + LEASE).replace(tzinfo=None)
    with store.connect() as connection:
        leased = connection.execute(_DUE).all()
        if not leased:
            return 0
        connection.execute(_SET, [{"key": job.id, "now": "leased", "until": until} for job in leased])
    for job in leased:
        with target.connect() as connection:
            connection.execute(_MARK, {
                "operation_id": f"paid-{job.order_id}", "kind": "order_status", "order_id": job.order_id,
                "digest": "", "effect": "", "fence": 1, "applied_by": "floor", "applied_at": now,
            })
            connection.execute(_MOVE, {"order": job.order_id})
    with store.connect() as connection:
        connection.execute(_SET, [{"key": job.id, "now": "done", "until": None} for job in leased])
    return len(leased)


def drain(urls: tuple[str, str]) -> tuple[float, float, int]:
    """Work until nothing is left, in a process of its own; tell when it began and ended (monotonic), and how many."""
    store, target = open_store(urls[0]), open_store(urls[1])
    begun, done = time.monotonic(), 0
    while number := work(store, target):
        done += number
    ended = time.monotonic()
    store.close()
    target.close()
    return begun, ended, done
