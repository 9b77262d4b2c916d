"""One backlog and several worker processes, beside as many bare lease loops."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from multiprocessing import get_context

from sqlalchemy import func, select, update

from app.models.attempt import attempts
from app.models.failure import failures
from bench.backlogs import DeskBacklog, FloorBacklog
from bench.floors import retries as floor
from bench.grounds import Ground
from bench.processes import running
from bench.rounds import Round, in_turns
from bench.table import Line

WORKERS = (1, 2, 4)
BACKLOG, BACKLOG_QUICK = 6_000, 2_000
ROUNDS, ROUNDS_QUICK = 3, 1
PATIENCE = 120.0

_LEFT = select(func.count()).select_from(failures).where(failures.c.status != "resolved")
_SPAN = select(func.count(), func.min(attempts.c.started_at), func.max(attempts.c.finished_at))
_DOUBLED = select(func.count()).select_from(attempts).where(attempts.c.number > 1)


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Let 1, 2 and 4 processes empty a backlog, ours and the floor's in turns; every round has a backlog of its own."""
    size, doubled = BACKLOG_QUICK if quick else BACKLOG, [0]
    names = (f"round-{number}" for number in count())
    measures: dict[str, Callable[[], Round]] = {}
    for workers in WORKERS:
        measures[f"floor {workers}"] = lambda workers=workers: _floor(ground, next(names), workers, size)
        measures[f"ours {workers}"] = lambda workers=workers: _ours(ground, next(names), workers, size, doubled)
    measured = in_turns(measures, ROUNDS_QUICK if quick else ROUNDS)
    ours = {workers: measured[f"ours {workers}"].rate for workers in WORKERS}
    return [
        *(Line(f"order_status retries per second, {workers} workers", ours[workers],
               measured[f"floor {workers}"].rate, least=0.8) for workers in WORKERS),
        Line("    two against one", ours[2], ours[1], least=1.3),
        Line("    attempts doubled", doubled[0], most=0),
    ]


def _floor(ground: Ground, name: str, workers: int, size: int) -> Round:
    backlog = FloorBacklog(ground, name)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(abs, range(workers)))  # all are there before there is any work
        backlog.add(size)
        told = list(pool.map(floor.drain, [backlog.urls] * workers))
    backlog.close()
    seconds = max(ended for _, ended, _ in told) - min(begun for begun, _, _ in told)
    return Round(sum(done for _, _, done in told), seconds)


def _ours(ground: Ground, name: str, workers: int, size: int, doubled: list[int]) -> Round:
    backlog = DeskBacklog(ground, name)
    backlog.desk = replace(backlog.desk, random=lambda: 1000.0)  # due much later
    backlog.add(size)
    logs = [ground.folder / f"{name}-{number}.log" for number in range(workers)]
    with ExitStack() as started:
        for log in logs:
            started.enter_context(running(["app.workers"], backlog.place.environment, log=log))
        _until(lambda: all("is at work" in log.read_text() for log in logs))
        with backlog.desk.store.write() as session:
            session.execute(update(failures).values(next_attempt_at=backlog.desk.store.now(session)))
        _until(lambda: _left(backlog) == 0)
    with backlog.desk.store.read() as session:
        done, begun, ended = session.execute(_SPAN).one()
        doubled[0] += session.scalars(_DOUBLED).one()
    backlog.close()
    return Round(done, (ended - begun).total_seconds())


def _left(backlog: DeskBacklog) -> int:
    with backlog.desk.store.read() as session:
        return session.scalars(_LEFT).one()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("the workers do not get through their backlog")
        time.sleep(0.1)
