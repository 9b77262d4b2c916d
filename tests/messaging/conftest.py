"""One rig per implementation: each test of the contract runs on all of them, unchanged."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from messaging.embedded import EmbeddedBroker
from messaging.embedded.schema import metadata
from storage import open_store
from tests.messaging.rig import TOPOLOGY, Rig, VirtualTime

# A database that the tests may use up, such as postgresql+psycopg://user@localhost/scratch.
POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "")
ENGINES = ["sqlite", "postgresql"] if POSTGRESQL else ["sqlite"]


@pytest.fixture(params=ENGINES)
def queue_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database for queues."""
    return _empty_database(request.param, tmp_path)


@pytest.fixture(params=[f"embedded-{engine}" for engine in ENGINES])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    implementation, _, engine = request.param.partition("-")
    with RIGS[implementation](engine, tmp_path) as made:
        yield made


@contextmanager
def _embedded(engine: str, folder: Path) -> Iterator[Rig]:
    time = VirtualTime()
    broker = EmbeddedBroker(_empty_database(engine, folder), TOPOLOGY, clock=time)
    yield Rig(broker, time)
    broker.close()


RIGS: dict[str, Callable] = {"embedded": _embedded}


def _empty_database(engine: str, folder: Path) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder}/queue.db"
    store = open_store(POSTGRESQL)
    metadata.drop_all(store.engine)
    store.close()
    return POSTGRESQL
