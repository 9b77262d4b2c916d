"""Whether the service can work: its database, its schema, its broker."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.desk import Desk
from app.queries import workers
from messaging import MessagingError

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def reasons(desk: Desk) -> list[str]:
    """List why the service is not ready; empty when it is."""
    return [reason for reason in (_database(desk), _broker(desk)) if reason is not None]


def warnings(desk: Desk) -> list[str]:
    """List what does not keep the service from taking reports in, but from repairing them."""
    with desk.store.read() as session:
        working = workers.alive(session, desk.store.now(session))
    return [] if working else ["no worker is alive: nothing is retried, and no queue is drained"]


def _database(desk: Desk) -> str | None:
    try:
        with desk.store.read() as session:
            if not session.connection().dialect.has_table(session.connection(), "alembic_version"):
                return "migrations are missing: all of them"
            present = session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        return f"the database cannot be reached ({type(error).__name__})"
    # A newer one is no reason: while processes are replaced one by one, the old ones work on with it.
    return f"migrations are missing: it is at {present}, not at {_newest()}" if str(present) < _newest() else None


def _broker(desk: Desk) -> str | None:
    fault = desk.broker_faults.get(lambda: _ping(desk))
    return "the broker does not answer" if fault is None else fault or None


def _ping(desk: Desk) -> str:
    try:
        desk.broker.ping()
    except MessagingError as error:
        return f"the broker cannot be reached ({type(error).__name__})"
    return ""


def _newest() -> str:
    """Return the last migration's number; the files are named by them."""
    return max(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))
