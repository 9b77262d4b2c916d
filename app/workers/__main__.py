"""A worker: `python -m app.workers`. Run as many as you like; they share the work by leases."""

import logging
import os
import signal
import socket
import sys
from threading import Event
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from app import config, logs
from app.desk import Desk, open_desk
from app.services import heartbeat
from app.services.rescue import park_unknown_targets
from app.workers.consumer import start_consumers
from app.workers.lanes import Lanes
from app.workers.scheduler import build_scheduler
from app.workers.wake import Waker

log = logging.getLogger("worker")

STOP_SECONDS = 10.0


def main() -> int:
    """Work until SIGTERM or SIGINT; then finish the running attempts, give the others back, and end."""
    try:
        settings = config.load()
    except config.SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    name = f"{socket.gethostname()}:{os.getpid()}"[:64]
    logs.configure(settings.log_format, process="worker", worker=name)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that was skipped costs nothing
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    desk = open_desk(settings)
    try:
        run(desk, stop, name)
    finally:
        desk.close()
    return 0


def run(desk: Desk, stop: Event, name: str) -> None:
    """Run ticks, lanes and consumers until `stop` is set."""
    _wait_for_store(desk, stop, name)
    lanes = Lanes(desk, name, stop)
    scheduler = build_scheduler(desk, lanes, stop, name)
    waker = Waker(desk, stop, lanes.dispatch, lambda: lanes.next_due)
    scheduler.start()
    consumers = start_consumers(desk, stop)
    waker.start()
    log.info("the worker is at work")
    stop.wait()
    log.info("the worker ends")
    lanes.close()
    scheduler.shutdown(wait=True)
    for thread in (*consumers, waker):
        thread.join(STOP_SECONDS)
    _sign_off(desk, name)


def _sign_off(desk: Desk, name: str) -> None:
    try:
        heartbeat.leave(desk, name)
    except SQLAlchemyError as error:
        log.warning("the store is away at the end: this worker counts as alive for some seconds more: %s", error)


def _wait_for_store(desk: Desk, stop: Event, name: str) -> None:
    while not stop.is_set():
        try:
            while park_unknown_targets(desk):
                pass
            heartbeat.beat(desk, name, desk.clock())
            return
        except SQLAlchemyError as error:
            log.warning("the store is not ready: %s", error)
            stop.wait(1.0)


if __name__ == "__main__":
    sys.exit(main())
