"""SQLite, with the settings that keep acknowledged writes, and waits that are short."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random

from storage.errors import told_by_sqlalchemy
from storage.prepared import Batch

# Before 3.51.3 two connections that write and checkpoint at the same moment can corrupt a WAL file.
# Source: https://sqlite.org/wal.html#walresetbug
SAFE_SQLITE = (3, 51, 3)

READ_ONLY = "storage_read_only"
BUSY_SECONDS = "storage_busy_seconds"
NAP = 0.0003


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite URL, or None for another engine or a memory database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def sqlite_engine(url: str, busy_seconds: float, pool_size: int) -> Engine:
    """Build an engine over one file (or memory): WAL, every commit synced, writers wait for each other."""
    options: dict[str, Any] = {"module": _sqlite_module()}
    if sqlite_path(url) is not None:
        options |= {"pool_size": pool_size, "max_overflow": 20}
    engine = create_engine(
        url, connect_args={"timeout": busy_seconds}, execution_options={BUSY_SECONDS: busy_seconds}, **options
    )
    engine.dialect.statement_compiler = _Hinted
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class _Hinted(SQLiteCompiler):
    """Writes `INDEXED BY …` where a statement says `with_hint`, which SQLAlchemy does for other engines only."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


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


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    options = connection.get_execution_options()
    busy_seconds = options[BUSY_SECONDS]
    with told_by_sqlalchemy(_sqlite_module().Error):
        if options.get(READ_ONLY, False):
            driver.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")
            driver.execute("BEGIN")
        else:
            _begin_writing(driver, busy_seconds)


def run_by_driver(engine: Engine, batches: Sequence[Batch]) -> None:
    """Run all of these in one transaction of the driver's own.

    What SQLAlchemy does around a few short statements takes longer than SQLite takes for them.

    Raises:
        sqlalchemy.exc.DBAPIError: as a transaction of SQLAlchemy would.
    """
    with told_by_sqlalchemy(_sqlite_module().Error), closing(engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        _begin_writing(driver, engine.get_execution_options()[BUSY_SECONDS])
        for batch in batches:
            driver.executemany(batch.sql, batch.values)
        driver.commit()  # what was not committed is rolled back when the connection goes back to the pool


def _begin_writing(driver: Any, busy_seconds: float) -> None:
    # A transaction that starts as a reader and then writes fails at once on a stale snapshot, in spite of the busy
    # timeout; and the driver's own default loses updates. IMMEDIATE does neither. SQLite's own waits grow to naps of
    # 100 ms, in which others pass by again and again: these stay short.
    driver.execute("PRAGMA busy_timeout=0")
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except driver.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(NAP)
