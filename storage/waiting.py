"""Wait for something to do: a change of the database, or a moment that was told."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from threading import Event
from typing import Protocol

from sqlalchemy import PoolProxiedConnection

from storage.clock import Clock, utcnow
from storage.engine import Store

LONGEST = 1.0  # seconds between two looks, whatever was told
SQLITE_TICK = 0.02


class Waiting(Protocol):
    """Waits for work; what nobody told of is found by looking, after `LONGEST` seconds."""

    def until(self, due: datetime | None, stop: Event) -> None:
        """Return at a change by anybody, at `due`, at `stop`, and after `LONGEST` at the latest."""


class _Versions:
    """Asks SQLite for `data_version` in short ticks, which costs microseconds."""

    def __init__(self, clock: Clock, watch: PoolProxiedConnection) -> None:
        self._clock, self._watch = clock, watch
        self._seen = self._version()

    def until(self, due: datetime | None, stop: Event) -> None:
        latest = time.monotonic() + LONGEST
        while not stop.wait(SQLITE_TICK) and time.monotonic() < latest:
            if self._changed() or (due is not None and due <= self._clock()):
                return

    def _changed(self) -> bool:
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def _version(self) -> int:
        cursor = self._watch.cursor()
        try:
            cursor.execute("PRAGMA data_version")
            row = cursor.fetchone()
            return int(row[0]) if row else 0
        finally:
            cursor.close()


def watching(store: Store, channel: str) -> AbstractContextManager[Waiting]:
    """Open what tells of changes: SQLite of every one by others, PostgreSQL of what is notified on `channel`."""
    if store.is_sqlite:
        return _watching_versions(store)
    from storage.listening import listening  # with PostgreSQL's driver: 10 MB that nobody needs on SQLite

    return listening(store, channel)


@contextmanager
def _watching_versions(store: Store) -> Iterator[Waiting]:
    watch = store.engine.raw_connection()  # of its own, as its own writes would not be told
    try:
        yield _Versions(store.clock or utcnow, watch)
    finally:
        watch.close()

