"""One way to open a database, whichever engine it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.orm import Session

from storage.postgresql import postgresql_engine
from storage.prepared import Batch
from storage.sqlite import READ_ONLY, run_by_driver, sqlite_engine


class Store:
    """One database: `write()` and `read()` open a session, `engine` is there for Core and migrations."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
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

    def run(self, batches: Sequence[Batch]) -> None:
        """Run all of these in one transaction, as fast as the engine's driver does it."""
        if self.is_sqlite:
            run_by_driver(self.engine, batches)
            return
        with self.connect() as connection:
            for batch in batches:
                batch.run(connection)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def open_store(url: str, *, busy_seconds: float = 20.0, pool_size: int = 10) -> Store:
    """Open the database at `url`; `busy_seconds` bounds every wait for a lock.

    Raises:
        sqlalchemy.exc.ArgumentError: the URL cannot be read.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return Store(sqlite_engine(url, busy_seconds, pool_size))
    return Store(postgresql_engine(url, busy_seconds, pool_size))
