"""One rig per implementation: each test of the contract runs on all of them, unchanged."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from messaging.embedded import EmbeddedBroker
from messaging.embedded.schema import metadata
from messaging.rabbitmq import RabbitBroker
from storage import open_store
from tests.messaging.rabbitmq_node import RabbitNode, running_node, scripts
from tests.messaging.rig import TOPOLOGY, RealTime, Rig, VirtualTime

# A database that the tests may use up, such as postgresql+psycopg://user@localhost/scratch.
POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "")
ENGINES = ["sqlite", "postgresql"] if POSTGRESQL else ["sqlite"]
RABBITMQ = pytest.mark.rabbitmq


@pytest.fixture(params=ENGINES)
def queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database for queues."""
    return _empty_database(request.param, tmp_path)


@pytest.fixture(scope="session")
def rabbit_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitNode]:
    """Run one RabbitMQ for all tests; where it is not installed they are skipped, but not in CI."""
    if scripts() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("rabbitmq-server is not installed")
    with running_node(tmp_path_factory.mktemp("rabbitmq")) as node:
        yield node


@pytest.fixture
def rabbit(rabbit_node: RabbitNode) -> RabbitNode:
    """Return the node of the session, its queues empty."""
    rabbit_node.empty_queues(TOPOLOGY)
    return rabbit_node


@pytest.fixture(params=[*(f"embedded-{engine}" for engine in ENGINES), pytest.param("rabbitmq", marks=RABBITMQ)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    implementation, _, engine = request.param.partition("-")
    if implementation == "rabbitmq":
        made = _on_rabbitmq(request.getfixturevalue("rabbit"))
    else:
        made = _embedded(engine, tmp_path)
    with made as rig:
        yield rig


@contextmanager
def _on_rabbitmq(node: RabbitNode) -> Iterator[Rig]:
    broker = RabbitBroker(node.url, TOPOLOGY)
    yield Rig(broker, RealTime())
    broker.close()


@contextmanager
def _embedded(engine: str, folder: Path) -> Iterator[Rig]:
    time = VirtualTime()
    broker = EmbeddedBroker(_empty_database(engine, folder), TOPOLOGY, clock=time)
    yield Rig(broker, time)
    broker.close()


def _empty_database(engine: str, folder: Path) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder}/queue.db"
    store = open_store(POSTGRESQL)
    metadata.drop_all(store.engine)
    store.close()
    return POSTGRESQL
