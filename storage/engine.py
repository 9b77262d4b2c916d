"""One way to open a database, with the settings that keep acknowledged writes."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random

# Before 3.51.3 two connections that write and checkpoint at the same moment can corrupt a WAL file.
# Source: https://sqlite.org/wal.html#walresetbug
SAFE_SQLITE = (3, 51, 3)

READ_ONLY = "storage_read_only"
NAP = 0.0003

# A transaction that starts as a reader and then writes fails at once on a stale snapshot, in spite of the busy
# timeout; and the driver's own default loses updates. IMMEDIATE does neither.
_BEGIN_WRITING = "BEGIN IMMEDIATE"
_NO_ZONE = "a datetime without a zone cannot be stored"


class UtcDateTime(TypeDecorator[datetime]):
    """Store aware datetimes in UTC on both engines; SQLite keeps no zone, so it is added on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Return what makes a value ready: on SQLite one step instead of three, for the many that a report has."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(_NO_ZONE)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


@lru_cache(maxsize=100)  # the rows of one report, or one batch, share their moments
def _sqlite_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(_NO_ZONE)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


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

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite URL, or None for another engine or a memory database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def open_store(url: str, *, busy_seconds: float = 20.0, pool_size: int = 10) -> Store:
    """Open the database at `url`; `busy_seconds` bounds every wait for a lock.

    Raises:
        sqlalchemy.exc.ArgumentError: the URL cannot be read.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return Store(_sqlite_engine(url, busy_seconds, pool_size))
    return Store(_postgresql_engine(url, busy_seconds, pool_size))


def _sqlite_engine(url: str, busy_seconds: float, pool_size: int) -> Engine:
    options: dict[str, Any] = {"module": _sqlite_module()}
    if sqlite_path(url) is not None:
        options |= {"pool_size": pool_size, "max_overflow": 20}
    engine = create_engine(url, connect_args={"timeout": busy_seconds}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, busy_seconds=busy_seconds))
    return engine


@cache
def _sqlite_module() -> Any:
    driver: Any = sqlite3 if sqlite3.sqlite_version_info >= SAFE_SQLITE else import_module("pysqlite3.dbapi2")
    # Untold, the driver seeks ten times as long as all else takes for what a None or a bytes might have to become.
    for kind in (type(None), bytes, memoryview):
        driver.register_adapter(kind, lambda value: value)
    return driver


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing; `_begin_sqlite` does
    cursor = connection.cursor()
    _enter_wal(cursor)
    # 16 MB of log before it is copied back: pages that every report touches are then copied once for many.
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=4000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


# Processes that meet on a new file may all want to turn it to WAL, and for that SQLite does not wait: the
# busy timeout does not hold there.
@retry(
    retry=retry_if_exception_message(match="database is locked"),
    wait=wait_random(0.005, 0.05), stop=stop_after_delay(5), reraise=True,
)
def _enter_wal(cursor: Any) -> None:
    cursor.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection, *, busy_seconds: float) -> None:
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite's own waits grow to naps of 100 ms, in which others pass by again and again: these stay short.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _begun(driver, time.monotonic() + busy_seconds):
            connection.exec_driver_sql(_BEGIN_WRITING)  # says why, in SQLAlchemy's words
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")


def _begun(driver: Any, deadline: float) -> bool:
    while True:
        try:
            driver.execute(_BEGIN_WRITING)
            return True
        except driver.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                return False
        time.sleep(NAP)


def _postgresql_engine(url: str, busy_seconds: float, pool_size: int) -> Engine:
    milliseconds = int(busy_seconds * 1000)
    options = (
        f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds + 10_000}"
        " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    )
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=20,
        connect_args={"connect_timeout": 3, "options": options},
    )
