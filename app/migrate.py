"""Bring the database to the newest schema: one migrator at a time, foreign keys off on SQLite, checked after."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from storage import Store, take_turns

FOLDER = Path(__file__).parent.parent / "migrations"


def upgrade(store: Store) -> None:
    """Run every migration that is missing, in one transaction; a second migrator waits for the first."""
    with _migrating(store) as connection:
        command.upgrade(_config(connection), "head")


def differences(store: Store) -> list[object]:
    """List where the database and the models differ; empty when the migrations make what the models say."""
    from app.models.tables import metadata

    with store.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def revision(store: Store, message: str) -> None:
    """Write a new migration, numbered after the last, from the difference between the database and the models."""
    number = len(list((FOLDER / "versions").glob("[0-9]*.py"))) + 1
    with _migrating(store) as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=f"{number:04d}")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _migrating(store: Store) -> Iterator[Connection]:
    with store.engine.connect() as connection:
        if not store.is_sqlite:
            with connection.begin():
                take_turns(connection, "migrations")
                yield connection
            return
        # Batch mode rebuilds a table under its children: with foreign keys on, they would be deleted with it.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        with connection.begin():
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration leaves rows without their parents: {broken[:5]}")
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
