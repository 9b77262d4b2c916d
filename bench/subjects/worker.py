"""The real worker process: how fast it works through a backlog, and how soon it starts what falls due."""

import random
import time
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.models.attempt import attempts
from app.models.failure import failures
from app.models.report import StoredReport
from bench.backlogs import DeskBacklog
from bench.grounds import Ground
from bench.processes import resident, running
from bench.rounds import percentile
from bench.table import Line

BACKLOG, BACKLOG_QUICK = 5_000, 1_000
DUE, DUE_QUICK = 200, 60
GAPS = (0.02, 0.08)  # seconds between two additions, so that they fall between the worker's looks as they may
WITHIN = 0.3  # seconds: work is added that falls due so soon, or at once
PATIENCE = 120.0

_LEFT = select(func.count()).select_from(failures).where(failures.c.status != "resolved")
_SPAN = select(func.count(), func.min(attempts.c.started_at), func.max(attempts.c.finished_at))
_reports = StoredReport.__table__
_DUE = select(_reports.c.first_next_attempt_at, attempts.c.started_at).join(
    attempts, attempts.c.failure_id == _reports.c.failure_id
)


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Let a worker empty a backlog; then add single pieces of work from here, and see when it starts each."""
    backlog = DeskBacklog(ground, "one")
    backlog.add(BACKLOG_QUICK if quick else BACKLOG)
    with running(["app.workers"], backlog.place.environment, log=ground.folder / "worker.log") as process:
        _until_empty(backlog)
        number, begun, ended = _row(backlog, _SPAN)
        _trickle(backlog, DUE_QUICK if quick else DUE)
        _until_empty(backlog)
        memory = resident(process)
    late = _lateness(backlog, since=ended)
    backlog.close()
    return [
        Line("worker process, order_status retries per second", number / (ended - begun).total_seconds()),
        Line("(d) due to start, median, ms", percentile(late, 0.5) * 1000, decimals=1),
        Line("    p95, ms", percentile(late, 0.95) * 1000, most=50, decimals=1),
        Line("resident memory of the worker, MB", memory, most=100),
    ]


def _trickle(backlog: DeskBacklog, number: int) -> None:
    share = random.Random(number)
    backlog.due_within(WITHIN, share)
    for _ in range(number):
        backlog.add(1)
        time.sleep(share.uniform(*GAPS))


def _until_empty(backlog: DeskBacklog) -> None:
    deadline = time.monotonic() + PATIENCE
    while _row(backlog, _LEFT)[0]:
        if time.monotonic() > deadline:
            raise RuntimeError("the worker does not get through its backlog")
        time.sleep(0.1)


def _lateness(backlog: DeskBacklog, *, since: datetime) -> list[float]:
    with backlog.desk.store.read() as session:
        rows = session.execute(_DUE.where(attempts.c.started_at > since)).all()
    return [(started - due).total_seconds() for due, started in rows]


def _row(backlog: DeskBacklog, query: Select[Any]) -> Any:
    with backlog.desk.store.read() as session:
        return session.execute(query).one()
