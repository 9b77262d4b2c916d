"""One way to open a database, whichever engine it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, func, make_url, select
from sqlalchemy.orm import Session

from storage.clock import Clock, utcnow
from storage.postgresql import postgresql_engine, run_in_pipeline
from storage.prepared import Batch
from storage.sqlite import READ_ONLY, run_by_driver, sqlite_engine
from storage.types import UtcDateTime


class Store:
    """One database: `write()` and `read()` open a session, `engine` is there for Core and migrations."""

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self.engine = engine
        self.clock = clock  # None: the database has one of its own
        self.reader = engine.execution_options(**{READ_ONLY: True})

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in a transaction that commits at the end and rolls back on an exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads: one snapshot, and no write lock on SQLite."""
        with Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a Core connection in a writing transaction."""
        with self.engine.begin() as connection:
            yield connection

    def now(self, within: Session | Connection) -> datetime:
        """Return the present moment by the one clock that all who use this database share.

        Leases are by it: among machines whose clocks differ, one would take what another still holds.
        """
        if self.clock is not None:
            return self.clock()
        # Not now(), which stands still from the transaction's begin, however long it waited for a lock.
        return within.execute(_DATABASES_NOW).scalar_one()

    def run(self, batches: Sequence[Batch]) -> None:
        """Run all of these in one transaction, as fast as the engine's driver does it."""
        (run_by_driver if self.is_sqlite else run_in_pipeline)(self.engine, batches)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


class OneConnection(Store):
    """A store that keeps to one connection from its first `connect` on: for many short transactions of one thread.

    It is neither fetched from the pool nor found alive again for each of them. A lost one is replaced at the next.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store.engine, store.clock)
        self._connection: Connection | None = None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a writing transaction."""
        if self._connection is None:
            self._connection = self.engine.connect()
        with self._connection.begin():
            yield self._connection

    def close(self) -> None:
        """Give the connection back; the pool's others stay open."""
        if self._connection is not None:
            self._connection.close()


_DATABASES_NOW = select(func.clock_timestamp(type_=UtcDateTime))


def open_store(
    url: str, *, busy_seconds: float = 20.0, pool_size: int = 10, clock: Clock | None = None
) -> Store:
    """Open the database at `url`; `busy_seconds` bounds every wait for a lock.

    `clock` takes the place of PostgreSQL's own, and of this machine's, which all users of a SQLite file share.

    Raises:
        sqlalchemy.exc.ArgumentError: the URL cannot be read.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return Store(sqlite_engine(url, busy_seconds, pool_size), clock or utcnow)
    return Store(postgresql_engine(url, busy_seconds, pool_size), clock)
