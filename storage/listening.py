"""Wait for PostgreSQL's word: LISTEN, on a connection of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any

import psycopg
from psycopg import sql

from storage.engine import Store
from storage.errors import told_by_sqlalchemy
from storage.waiting import LONGEST

STOP_TICK = 0.1
# Between two words to the same listener: a storm of them is one word.
REST = 0.01


class Listening:
    """Hears what is notified on a channel."""

    def __init__(self, store: Store, connection: psycopg.Connection[Any]) -> None:
        self._store, self._connection = store, connection

    def until(self, due: datetime | None, stop: Event) -> None:
        """Return at a word by anybody, at `due`, at `stop`, and after `LONGEST` at the latest.

        Raises:
            sqlalchemy.exc.OperationalError: the connection is lost; words may have been missed.
        """
        stop.wait(REST)
        with told_by_sqlalchemy(psycopg.Error):
            latest = time.monotonic() + self._seconds_to(due)
            while not stop.is_set() and not self._heard(min(STOP_TICK, max(0.0, latest - time.monotonic()))):
                if time.monotonic() >= latest:
                    return

    def _heard(self, seconds: float) -> bool:
        return any(self._connection.notifies(timeout=seconds, stop_after=1))

    def _seconds_to(self, due: datetime | None) -> float:
        if due is None:
            return LONGEST
        return min(LONGEST, (due - self._now()).total_seconds())

    def _now(self) -> datetime:
        if self._store.clock is not None:
            return self._store.clock()
        now: tuple[datetime] = self._connection.execute("SELECT clock_timestamp()").fetchone()  # type: ignore[assignment]
        return now[0]


@contextmanager
def listening(store: Store, channel: str) -> Iterator[Listening]:
    """Listen on a channel; what was told before is not heard, so look once after this.

    Raises:
        sqlalchemy.exc.OperationalError: the database cannot be reached.
    """
    pooled = store.engine.raw_connection()
    connection: Any = pooled.driver_connection
    pooled.detach()  # LISTEN belongs to a session: nobody else may get it
    try:
        with told_by_sqlalchemy(psycopg.Error):
            connection.autocommit = True
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        yield Listening(store, connection)
    finally:
        connection.close()
