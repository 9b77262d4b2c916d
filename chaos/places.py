"""The three configurations: S (SQLite, built-in queue), P (PostgreSQL, built-in queue), R (PostgreSQL, RabbitMQ)."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app import first_start
from app.config import load
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from chaos.cases import RECEIVER
from chaos.consumer import DATABASE
from chaos.postgresql import PostgresqlNode
from messaging import shop_topology
from tests.messaging.rabbitmq_node import RabbitNode, free_port

CONFIGURATIONS = ("S", "P", "R")
SCALE = 0.05  # of every interval but leases: messages expire after 1.5 s, retries begin after a quarter of a second
TOKEN = "the-administrators-token-of-the-chaos"


class Server(Protocol):
    """What the desk depends on, and what dies under it."""

    def kill(self) -> None:
        """End it as a crash would."""

    def start(self) -> None:
        """Start it on what it had stored."""


@dataclass(frozen=True)
class Place:
    """Where a desk runs: its settings, the targets' databases, the servers that may be killed under it."""

    folder: Path
    environment: dict[str, str]
    warehouse: str
    orders: str
    servers: list[Server]

    @property
    def port(self) -> int:
        return int(self.environment["DLO_PORT"])


@contextmanager
def made(configuration: str, folder: Path, receiver: str) -> Iterator[Place]:
    """Make everything that the desk's processes need, and end the servers after the block."""
    with ExitStack() as stack:
        servers: list[Server] = []
        database = _databases(configuration, folder, stack, servers)
        names = ("dlo", "queue", "warehouse", "orders")
        desk, queue, warehouse, orders = (database(name) for name in names)
        environment = {
            "DLO_INSTANCE": str(folder / "instance"), "DLO_PORT": str(free_port()), "DLO_ADMIN_TOKEN": TOKEN,
            "DLO_SECRET_KEY": "the-secret-key-of-the-chaos", "DLO_RETRY_SCALE": str(SCALE), "DLO_DATABASE_URL": desk,
            "DLO_QUEUE_DATABASE_URL": queue, DATABASE: orders,
            "DLO_TARGETS": json.dumps({WAREHOUSE_DATABASE: warehouse, ORDERS_DATABASE: orders, RECEIVER: receiver}),
        }
        if configuration == "R":
            environment["DLO_BROKER_URL"] = _rabbit(folder, stack, servers)
        first_start.prepare(load(environment))
        yield Place(folder, environment, warehouse, orders, servers)


def _databases(
    configuration: str, folder: Path, stack: ExitStack, servers: list[Server]
) -> Callable[[str], str]:
    if configuration == "S":
        return lambda name: f"sqlite:///{folder / name}.db"
    server = PostgresqlNode()
    stack.callback(server.close)
    server.start()
    servers.append(server)
    return lambda _name: server.create()


def _rabbit(folder: Path, stack: ExitStack, servers: list[Server]) -> str:
    node = RabbitNode(folder / "rabbitmq")
    stack.callback(node.stop)
    node.start()
    node.settle(shop_topology(SCALE))
    servers.append(node)
    return node.url
