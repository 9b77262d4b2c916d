"""The databases of a test, on the engine that the run was told: built once by the real migrations, and copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from app import migrate
from app.config import SERVICES
from storage import open_store, sqlite_path
from tests.postgresql import Server

DATABASES = ("DLO_DATABASE_URL", "DLO_QUEUE_DATABASE_URL", *(f"{service.upper()}_DATABASE_URL" for service in SERVICES))
SHOP = {"queue": "DLO_QUEUE_DATABASE_URL", "warehouse": "WAREHOUSE_DATABASE_URL", "orders": "ORDERS_DATABASE_URL"}


class Databases(Protocol):
    """Lends a test what it runs on."""

    @contextmanager
    def lent(self, folder: Path) -> Iterator[dict[str, str]]:
        """Lend the settings that name a desk's own migrated database, and empty ones for the queue and the shop."""

    def empty(self, folder: Path, name: str) -> str:
        """Return the URL of an empty database."""

    def whole(self) -> dict[str, str]:
        """Return the settings that name a database of its own for the desk, the queue and each service of a system.

        Empty where a system needs to be told nothing.
        """

    def destroy(self, url: str) -> None:
        """Make a database unusable, whoever is connected to it."""


class SqliteDatabases:
    """Files in the test's folder."""

    def __init__(self, folder: Path) -> None:
        self.migrated = folder / "dlo.db"
        _migrate(f"sqlite:///{self.migrated}")

    @contextmanager
    def lent(self, folder: Path) -> Iterator[dict[str, str]]:
        shutil.copy(self.migrated, folder / "dlo.db")
        shop = {variable: self.empty(folder, name) for name, variable in SHOP.items()}
        yield {"DLO_DATABASE_URL": self.empty(folder, "dlo")} | shop

    def empty(self, folder: Path, name: str) -> str:
        return f"sqlite:///{folder}/{name}.db"

    def whole(self) -> dict[str, str]:
        return {}  # it makes files in its own folder

    def destroy(self, url: str) -> None:
        file = sqlite_path(url)
        assert file is not None
        for beside in file.parent.glob(f"{file.name}-*"):
            beside.unlink()
        file.write_bytes(b"this is no database" * 1000)


class PostgresqlDatabases:
    """Databases on one server; those without the desk's many tables are emptied, which is faster than a new one."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.migrated = server.create()
        _migrate(self.migrated)
        self._shared: dict[str, str] = {}
        self._systems: list[str] = []

    @contextmanager
    def lent(self, folder: Path) -> Iterator[dict[str, str]]:
        own = self.server.create(self.migrated)
        yield {"DLO_DATABASE_URL": own} | {variable: self.empty(folder, name) for name, variable in SHOP.items()}
        self.server.drop(own)

    def empty(self, _folder: Path, name: str) -> str:
        if name not in self._shared:
            self._shared[name] = self.server.create()
        else:
            self.server.empty(self._shared[name])
        return self._shared[name]

    def whole(self) -> dict[str, str]:
        made = {variable: self.server.create() for variable in DATABASES}
        self._systems.extend(made.values())
        return made

    def destroy(self, url: str) -> None:
        self.server.drop(url)

    def close(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        for url in (self.migrated, *self._shared.values(), *self._systems):
            self.server.drop(url)


def _migrate(url: str) -> None:
    store = open_store(url)
    migrate.upgrade(store)
    store.close()  # the last connection writes SQLite's log back into its file
