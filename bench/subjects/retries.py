"""Retries of `order_status`, beside a bare lease loop, and from small and large backlogs."""

import time
from collections.abc import Callable

from app.domain.remedy import ORDERS_DATABASE
from app.services import retrying
from bench.backlogs import Backlog, DeskBacklog, FloorBacklog
from bench.floors import retries as floor
from bench.grounds import Ground
from bench.rounds import Round, in_turns
from bench.table import Line

BACKLOG, SMALL, LARGE, LARGE_QUICK = 10_000, 1_000, 100_000, 20_000
NUMBER = 400  # in a round; added again after it


def measure(ground: Ground, rounds: int, quick: bool) -> list[Line]:
    """Fill the backlogs and work through parts of them in turns, in this process and one thread."""
    large = LARGE_QUICK if quick else LARGE
    bare = FloorBacklog(ground)
    desks = {size: DeskBacklog(ground, f"of-{size}") for size in (BACKLOG, SMALL, large)}
    bare.add(BACKLOG)
    for size, backlog in desks.items():
        backlog.add(size)
    measured = in_turns(
        {"floor": _floor(bare)} | {str(size): _ours(backlog) for size, backlog in desks.items()}, rounds
    )
    for each in (bare, *desks.values()):
        each.close()
    ours, small, big = (measured[str(size)].rate for size in desks)
    return [
        Line(f"(c) order_status retries, per second, of {BACKLOG:,}", ours, measured["floor"].rate, least=0.7),
        Line(f"    of {large:,} against of {SMALL:,}", big, small, least=0.9),
    ]


def _floor(backlog: FloorBacklog) -> Callable[[], Round]:
    return lambda: _timed(backlog, lambda: floor.work(backlog.jobs, backlog.orders), floor.LEASED)


def _ours(backlog: DeskBacklog) -> Callable[[], Round]:
    def work() -> int:
        return retrying.BATCH if retrying.work(backlog.desk, ORDERS_DATABASE, "bench") else 0

    return lambda: _timed(backlog, work, retrying.BATCH)


def _timed(backlog: Backlog, work: Callable[[], int], at_once: int) -> Round:
    begun = time.monotonic()
    done = sum(work() for _ in range(NUMBER // at_once))
    seconds = time.monotonic() - begun
    backlog.add(done)
    return Round(done, seconds)
