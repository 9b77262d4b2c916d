"""Workers say that they live, so that the desk knows when nobody works."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete

from app.desk import Desk
from app.models.worker import Worker
from storage import upsert

FORGOTTEN = timedelta(hours=1)  # a worker that was killed leaves its row behind

_WORKERS = cast(Table, Worker.__table__)


def beat(desk: Desk, name: str, started_at: datetime) -> None:
    """Write down that this worker lives, and forget those that have long been silent."""
    with desk.store.write() as session:
        now = desk.store.now(session)
        upsert(session, _WORKERS, {"name": name, "started_at": started_at, "seen_at": now})
        session.execute(delete(Worker).where(Worker.seen_at < now - FORGOTTEN))


def leave(desk: Desk, name: str) -> None:
    """Take this worker's row away."""
    with desk.store.write() as session:
        session.execute(delete(Worker).where(Worker.name == name))
