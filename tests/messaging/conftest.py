"""One rig per implementation: each test of the contract runs on all of them, unchanged."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from messaging.embedded import EmbeddedBroker
from tests.databases import Databases
from tests.messaging.rig import TOPOLOGY, Rig, VirtualTime


@pytest.fixture
def queue_url(databases: Databases, tmp_path: Path) -> str:
    """Return the URL of an empty database for queues."""
    return databases.empty(tmp_path, "queue")


@pytest.fixture(params=["embedded"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param](request) as made:
        yield made


@contextmanager
def _embedded(request: pytest.FixtureRequest) -> Iterator[Rig]:
    time = VirtualTime()
    broker = EmbeddedBroker(request.getfixturevalue("queue_url"), TOPOLOGY, clock=time)
    yield Rig(broker, time)
    broker.close()


RIGS: dict[str, Callable] = {"embedded": _embedded}
