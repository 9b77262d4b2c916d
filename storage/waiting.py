"""Wait for something to do: a change of the database, or a moment that was told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from sqlalchemy import PoolProxiedConnection

from storage.clock import Clock
from storage.engine import Store

SQLITE_TICK = 0.02
POSTGRESQL_TICK = 0.1
LONGEST = 1.0


class Waiting:
    """Waits in short ticks; asking SQLite for `data_version` costs microseconds, so its ticks are shorter."""

    def __init__(self, clock: Clock, watch: PoolProxiedConnection | None) -> None:
        self.clock, self.watch = clock, watch
        self.seen = self._version()

    def until(self, due: datetime | None, stop: Event) -> None:
        """Return at a change by anybody, at `due`, at `stop`, and after a second at the latest."""
        latest = time.monotonic() + LONGEST
        tick = SQLITE_TICK if self.watch else POSTGRESQL_TICK
        while not stop.wait(tick) and time.monotonic() < latest:
            if self._changed() or (due is not None and due <= self.clock()):
                return

    def _changed(self) -> bool:
        before, self.seen = self.seen, self._version()
        return self.watch is None or before != self.seen

    def _version(self) -> int:
        if self.watch is None:
            return 0
        cursor = self.watch.cursor()
        try:
            cursor.execute("PRAGMA data_version")
            row = cursor.fetchone()
            return int(row[0]) if row else 0
        finally:
            cursor.close()


@contextmanager
def watching(store: Store, clock: Clock) -> Iterator[Waiting]:
    """Open what tells of changes; on SQLite a connection of its own, as its own writes would not be told."""
    watch = store.engine.raw_connection() if store.is_sqlite else None
    try:
        yield Waiting(clock, watch)
    finally:
        if watch is not None:
            watch.close()
