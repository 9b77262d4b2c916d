"""PostgreSQL, with a bound on every wait."""

from sqlalchemy import Engine, create_engine


def postgresql_engine(url: str, busy_seconds: float, pool_size: int) -> Engine:
    """Build an engine whose waits for a lock, a statement or an idle transaction end."""
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
