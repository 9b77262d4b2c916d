"""Which tick runs how often. Light ticks only: due work is a column, not a timer."""

import logging
from collections.abc import Callable
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from app.desk import Desk
from app.services import bulk
from app.workers import ticks
from app.workers.lanes import Lanes

log = logging.getLogger(__name__)


def build_scheduler(desk: Desk, lanes: Lanes, stop: Event, worker: str) -> BackgroundScheduler:
    """Wire the ticks; the scheduler keeps nothing, so any number of workers may each have one."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(8)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    started_at = desk.clock()
    every: dict[str, tuple[Callable[[], bool], float]] = {
        "retry_due": (lanes.dispatch, 1.0),  # the waker calls it sooner; this one is the safety net
        "rescue": (lambda: ticks.rescue_lost(desk), 1.0),
        "probe": (lambda: ticks.probe(desk), 0.5),
        "run_bulk": (lambda: bulk.run_some(desk), 0.25),
        "beat": (lambda: ticks.beat(desk, worker, started_at), 5.0),
        "count": (lambda: ticks.count(desk), 5.0),
        "prune": (lambda: ticks.prune(desk), 300.0),
    }
    for name, (tick, seconds) in every.items():
        scheduler.add_job(_safely(name, tick, stop), "interval", seconds=seconds, id=name)
    return scheduler


def _safely(name: str, tick: Callable[[], bool], stop: Event) -> Callable[[], None]:
    def run() -> None:
        try:
            while not stop.is_set() and tick() and name != "retry_due":
                pass
        except SQLAlchemyError as error:
            log.warning("tick %s: the store did not answer: %s", name, error)

    return run
