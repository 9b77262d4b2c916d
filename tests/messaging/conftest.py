"""One rig per implementation: each test of the contract runs on all of them, unchanged."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from messaging.embedded import EmbeddedBroker
from messaging.rabbitmq import RabbitBroker
from tests.databases import Databases
from tests.messaging.rabbitmq_node import RabbitNode
from tests.messaging.rig import TOPOLOGY, RealTime, Rig, VirtualTime


@pytest.fixture
def queue_url(databases: Databases, tmp_path: Path) -> str:
    """Return the URL of an empty database for queues."""
    return databases.empty(tmp_path, "queue")


@pytest.fixture
def rabbit(rabbit_node: RabbitNode) -> RabbitNode:
    """Return the node of the session, its queues empty."""
    rabbit_node.empty_queues(TOPOLOGY)
    return rabbit_node


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param == "rabbitmq":
        made = _on_rabbitmq(request.getfixturevalue("rabbit"))
    else:
        made = _embedded(request.getfixturevalue("queue_url"))
    with made as rig:
        yield rig


@contextmanager
def _on_rabbitmq(node: RabbitNode) -> Iterator[Rig]:
    broker = RabbitBroker(node.url, TOPOLOGY)
    yield Rig(broker, RealTime())
    broker.close()


@contextmanager
def _embedded(queue_url: str) -> Iterator[Rig]:
    time = VirtualTime()
    broker = EmbeddedBroker(queue_url, TOPOLOGY, clock=time)
    yield Rig(broker, time)
    broker.close()
