"""PostgreSQL, with a bound on every wait."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from storage.errors import told_by_sqlalchemy
from storage.prepared import Batch

CONNECT_SECONDS = 3
# A server that has vanished without a word (its machine is off, a cable is out) is noticed in half a minute.
_KEEPING_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}


def postgresql_engine(url: str, busy_seconds: float, pool_size: int) -> Engine:
    """Build an engine whose waits for a lock, a statement, a connection or an idle transaction end.

    After a restart of the server each connection is found dead before it is used (`pool_pre_ping`), and replaced.
    """
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
        pool_timeout=busy_seconds,
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options, **_KEEPING_ALIVE},
    )


def run_in_pipeline(engine: Engine, batches: Sequence[Batch]) -> None:
    """Run all of these in one transaction, without waiting for the answer to one before the next is sent.

    Raises:
        sqlalchemy.exc.DBAPIError: as a transaction of SQLAlchemy would.
    """
    with told_by_sqlalchemy(engine.dialect.loaded_dbapi.Error), closing(engine.raw_connection()) as pooled:
        driver: Any = pooled.driver_connection
        with driver.pipeline(), driver.cursor() as cursor:
            for batch in batches:
                for values in batch.values:
                    cursor.execute(batch.sql, values)
        driver.commit()  # what was not committed is rolled back when the connection goes back to the pool


# The client library's own words, and those of a server that is on its way. A connection that fails has no error code.
_AWAY = ("Is the server running", "timeout expired", "closed the connection", "the database system is")


def is_away(error: DBAPIError) -> bool:
    """Tell whether nobody answers at the address, or not yet; a server that refuses a password or a name is there."""
    return any(words in str(error.orig) for words in _AWAY)
