"""Waking: work that another process adds starts at once, on either engine, whatever happens to the connection."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest
from sqlalchemy import text, update

from app.desk import Desk
from app.models.failure import failures
from app.services import targets
from app.workers.wake import CHANNEL, Waker
from storage import open_store, utcnow, watching
from storage.listening import LONGEST
from tests.factories import STOCK_DECREMENT, make_failure
from tests.messaging.rig import eventually

AT_ONCE = 0.5  # seconds; without a word it would take LONGEST


@pytest.fixture
def real(desk: Desk) -> Iterator[Desk]:
    """The desk in real time, as another process has it."""
    with closing(open_store(desk.settings.database_url)) as store:
        yield replace(desk, store=store, clock=utcnow)


@pytest.fixture
def wakings(real: Desk) -> Iterator[list[float]]:
    """The moments at which a running waker woke."""
    moments: list[float] = []
    stop = Event()
    waker = Waker(real, stop, lambda: moments.append(monotonic()), lambda: None)
    waker.start()
    eventually(lambda: moments)
    yield moments
    stop.set()
    waker.join(5)
    assert not waker.is_alive()


def woke_by_itself(wakings: list[float]) -> float:
    """Wait for the waker to look because nothing was told, and return when that was."""
    number = len(wakings)
    eventually(lambda: len(wakings) > number)
    return wakings[-1]


def waits(real: Desk, due: float | None = None) -> float:
    """Tell how long one wait takes."""
    with watching(real.store, CHANNEL) as waiting:
        begun = monotonic()
        waiting.until(None if due is None else utcnow() + timedelta(seconds=due), Event())
        return monotonic() - begun


def test_work_that_another_adds_wakes_at_once(desk: Desk, wakings: list[float]) -> None:
    before = woke_by_itself(wakings)
    make_failure(desk, remedy=STOCK_DECREMENT, next_attempt_at=utcnow())
    added = monotonic()
    eventually(lambda: wakings[-1] > before)
    assert wakings[-1] < added + AT_ONCE


def test_without_any_word_it_looks_once_a_second(real: Desk) -> None:
    assert LONGEST * 0.9 < waits(real) < LONGEST * 3


def test_it_wakes_when_the_next_work_falls_due(real: Desk) -> None:
    assert 0.2 < waits(real, due=0.25) < 0.25 + AT_ONCE


def test_it_ends_soon_when_told_to(real: Desk) -> None:
    stop = Event()
    stop.set()
    with watching(real.store, CHANNEL) as waiting:
        begun = monotonic()
        waiting.until(None, stop)
    assert monotonic() - begun < AT_ONCE


class TestOnPostgresql:
    """What only PostgreSQL has to be told."""

    @pytest.fixture(autouse=True)
    def postgresql(self, desk: Desk) -> None:
        if desk.store.is_sqlite:
            pytest.skip("SQLite tells of every change by itself")

    def test_a_listener_whose_connection_is_ended_listens_again(
        self, desk: Desk, wakings: list[float], caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING), desk.store.connect() as connection:
            ended = connection.execute(text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )).all()
            assert ended == [(True,)]
            eventually(lambda: "cannot be watched" in caplog.text)
        before = woke_by_itself(wakings)
        make_failure(desk, remedy=STOCK_DECREMENT, next_attempt_at=utcnow())
        added = monotonic()
        eventually(lambda: wakings[-1] > before)
        assert wakings[-1] < added + AT_ONCE

    def test_a_target_that_goes_on_wakes_those_who_waited_for_it(self, desk: Desk, real: Desk) -> None:
        targets.pause(desk, "warehouse-db", actor="admin")
        assert seconds_until_told(real, lambda: targets.resume(desk, "warehouse-db", actor="admin")) < AT_ONCE

    def test_what_is_due_later_than_the_next_look_needs_no_word(self, desk: Desk, real: Desk) -> None:
        later = utcnow() + timedelta(seconds=LONGEST * 3)
        seconds = seconds_until_told(real, lambda: make_failure(desk, remedy=STOCK_DECREMENT, next_attempt_at=later))
        assert seconds > LONGEST * 0.9

    def test_what_was_rolled_back_was_never_told(self, desk: Desk, real: Desk) -> None:
        make_failure(desk, remedy=STOCK_DECREMENT, next_attempt_at=utcnow() + timedelta(hours=1))

        def hurry_and_fail() -> None:
            with pytest.raises(ZeroDivisionError), desk.store.write() as session:
                session.execute(update(failures).values(next_attempt_at=utcnow()))
                raise ZeroDivisionError

        assert seconds_until_told(real, hurry_and_fail) > LONGEST * 0.9


def seconds_until_told(desk: Desk, act: Callable[[], object]) -> float:
    """Act while somebody listens, and tell how long it took to hear of it."""
    with watching(desk.store, CHANNEL) as waiting:
        act()
        begun = monotonic()
        waiting.until(None, Event())
        return monotonic() - begun
