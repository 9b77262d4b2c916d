"""The whole system as `make run` starts it: its addresses, its databases, and the death of its parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import inspect, text

from storage import Store, open_store
from stubs.common.calls import Unreachable, call
from stubs.common.settings import PORTS
from tests.e2e.running import Running, running
from tests.e2e.waiting import eventually
from tests.messaging.rabbitmq_node import RabbitNode

SCALE = 0.02
ADMIN_TOKEN = "the-administrators-token-of-the-end-to-end-tests"
END_SECONDS = 20.0


class System:
    """A running system; it reads the databases of every service as they are on the disk."""

    def __init__(self, run: Running, node: RabbitNode | None = None) -> None:
        """Watch a run; `node` is the RabbitMQ that it runs on, None where its queues are embedded."""
        self.run, self.node = run, node
        self._stores: dict[str, Store] = {}

    @property
    def folder(self) -> Path:
        return Path(self.environment["DLO_INSTANCE"])

    @property
    def environment(self) -> dict[str, str]:
        """Return what every process of the system is given."""
        return self.run.environment

    @property
    def desk_url(self) -> str:
        return self.run.url

    def stub_url(self, name: str) -> str:
        return f"http://127.0.0.1:{int(self.environment['STUBS_BASE_PORT']) + PORTS[name]}"

    def kill(self, part: str) -> None:
        """Kill `web`, `worker` or a stub with SIGKILL; the supervisor starts it again."""
        process = self._oldest(part)
        process.kill()
        process.wait(END_SECONDS)

    @contextmanager
    def frozen(self, part: str) -> Iterator[None]:
        """Let a part hang until the end of the block: it is there, and answers nothing."""
        process = self._oldest(part)
        process.suspend()
        try:
            yield
        finally:
            process.resume()

    def is_ready(self) -> bool:
        """Tell whether the desk has all that it needs."""
        return _answer(f"{self.desk_url}/readyz")

    def is_up(self) -> bool:
        """Tell whether the desk is ready and every stub answers."""
        return self.is_ready() and all(_answer(f"{self.stub_url(stub)}/healthz") for stub in PORTS)

    def rows(self, database: str, query: str, **values: Any) -> list[dict[str, Any]]:
        """Read from the database of a service: `warehouse`, `orders`, `inventory` …"""
        with self._store(database).read() as session:
            return [dict(row) for row in session.execute(text(query), values).mappings()]

    @contextmanager
    def locked(self, database: str) -> Iterator[None]:
        """Let nobody write to a database until the end of the block."""
        store = self._store(database)
        with store.connect() as connection:
            if not store.is_sqlite:  # there the transaction by itself keeps all other writers out
                tables = ", ".join(inspect(connection).get_table_names())
                connection.exec_driver_sql(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
            yield

    @contextmanager
    def queue_away(self) -> Iterator[None]:
        """Let nobody reach the message queue until the end of the block."""
        with self.node.frozen() if self.node else self.locked("queue"):
            yield

    def log(self, part: str) -> str:
        """Return what a part has logged."""
        return (self.folder / "logs" / f"{part}.log").read_text("utf-8")

    def close(self) -> None:
        for store in self._stores.values():
            store.close()

    def database_url(self, database: str) -> str:
        """Return the URL of a service's database, or of the queue's."""
        variable = "DLO_QUEUE_DATABASE_URL" if database == "queue" else f"{database.upper()}_DATABASE_URL"
        return self.environment.get(variable, f"sqlite:///{self.folder / database}.db")

    def _store(self, database: str) -> Store:
        if database not in self._stores:
            self._stores[database] = open_store(self.database_url(database), busy_seconds=5.0)
        return self._stores[database]

    def _oldest(self, part: str) -> psutil.Process:
        word = {"web": "app.web", "worker": "app.workers"}.get(part, part if "-" in part else f"stubs.{part}")
        found: list[psutil.Process] = eventually(lambda: self.run.part(word))
        return found[0]  # the server itself, before its workers


def _answer(url: str) -> bool:
    try:
        return call("GET", url, timeout=5).status == 200
    except Unreachable:
        return False


@contextmanager
def whole_system(folder: Path, node: RabbitNode | None = None, **settings: str) -> Iterator[System]:
    """Run all of it until the end of the block, on a RabbitMQ where there is one."""
    # With a heartbeat of 10 s a test of a frozen stub would wait long for what that holds.
    settings |= {"DLO_BROKER_URL": f"{node.url}?heartbeat=3"} if node else {}
    with running("run", folder, DLO_RETRY_SCALE=str(SCALE), DLO_ADMIN_TOKEN=ADMIN_TOKEN, **settings) as run:
        system = System(run, node)
        try:
            yield system
        finally:
            system.close()
