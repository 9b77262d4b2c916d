"""A worker that lives says so, and one that ends in order says that too."""

import time
from threading import Event, Thread

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.models.worker import Worker
from app.queries import workers
from app.services import heartbeat
from app.workers.__main__ import run


def alive(desk: Desk) -> int:
    with desk.store.read() as session:
        return workers.alive(session, desk.store.now(session))


def until_alive(desk: Desk, number: int) -> None:
    deadline = time.monotonic() + 20
    while alive(desk) != number:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_is_alive_from_its_start_to_its_end(desk: Desk) -> None:
    stop = Event()
    thread = Thread(target=run, args=(desk, stop, "host:1"))
    thread.start()
    try:
        until_alive(desk, 1)
    finally:
        stop.set()
        thread.join(20)
    assert alive(desk) == 0


@pytest.mark.parametrize(("silent", "counted"), [(19, 1), (21, 0)])
def test_a_worker_that_was_killed_is_soon_not_counted(desk: Desk, clock, silent: int, counted: int) -> None:
    heartbeat.beat(desk, "host:1", clock())
    clock.advance(silent)
    assert alive(desk) == counted


def test_a_worker_that_has_long_been_silent_is_forgotten(desk: Desk, clock) -> None:
    heartbeat.beat(desk, "host:1", clock())
    clock.advance(2 * 3600)
    heartbeat.beat(desk, "host:2", clock())
    with desk.store.read() as session:
        assert session.scalars(select(Worker.name)).all() == ["host:2"]
