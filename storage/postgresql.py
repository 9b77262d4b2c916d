"""PostgreSQL, with a bound on every wait."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

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


# The client library's own words, and those of a server that is on its way. A connection that fails has no error code.
_AWAY = ("Is the server running", "timeout expired", "closed the connection", "the database system is")


def is_away(error: DBAPIError) -> bool:
    """Tell whether nobody answers at the address, or not yet; a server that refuses a password or a name is there."""
    return any(words in str(error.orig) for words in _AWAY)
