"""A desk for every test: its database built once by the real migrations and copied, its time set by hand."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings, load
from app.desk import Desk
from app.targets import Targets
from messaging import shop_topology
from storage import open_store
from tests.databases import Databases, PostgresqlDatabases, SqliteDatabases
from tests.fakes import FakeBroker, FakeClock
from tests.messaging.rabbitmq_node import RabbitNode, running_node, scripts
from tests.postgresql import serving

# `pytest --hypothesis-profile=nightly` looks long and hard; every other run looks a little, each time elsewhere.
hypothesis.settings.register_profile("nightly", max_examples=1000, deadline=None, print_blob=True)
hypothesis.settings.register_profile("normal", max_examples=100, deadline=None, print_blob=True)
hypothesis.settings.load_profile("normal")

ADMIN_TOKEN = "the-administrators-token-of-the-tests"
SERVICE_TOKENS = {"warehouse": "the-warehouse-token-of-the-tests", "orders": "the-orders-token-of-the-tests"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgresql"], default=os.environ.get("TEST_ENGINE", "sqlite"),
                     help="the database that desks, embedded queues and the shop run on (TEST_ENGINE)")
    parser.addoption("--broker", choices=["embedded", "rabbitmq"], default=os.environ.get("TEST_BROKER", "embedded"),
                     help="the broker of the whole systems that end-to-end tests start (TEST_BROKER)")
    parser.addoption("--outage", type=float, default=8.0, help="seconds for which a database or a broker is away")


@pytest.fixture
def outage(request: pytest.FixtureRequest) -> float:
    """Return for how many seconds what is taken away stays away."""
    seconds: float = request.config.getoption("--outage")
    return seconds


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """What tests run on: files, or one server for all of them."""
    if request.config.getoption("--engine") == "sqlite":
        yield SqliteDatabases(tmp_path_factory.mktemp("migrated"))
        return
    with serving() as server, closing(PostgresqlDatabases(server)) as databases:
        yield databases


@pytest.fixture(scope="session")
def rabbit_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitNode]:
    """Run one RabbitMQ for all tests; where it is not installed they are skipped, but not in CI."""
    if scripts() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("rabbitmq-server is not installed")
    with running_node(tmp_path_factory.mktemp("rabbitmq")) as node:
        yield node


@pytest.fixture
def environment(tmp_path: Path, databases: Databases) -> Iterator[dict[str, str]]:
    """The settings of a test desk; a test file may override this fixture."""
    with databases.lent(tmp_path) as urls:
        yield urls | {
            "DLO_INSTANCE": str(tmp_path),
            "DLO_SECRET_KEY": "the-secret-key-of-the-tests",
            "DLO_ADMIN_TOKEN": ADMIN_TOKEN,
            "DLO_SERVICE_TOKENS": ",".join(f"{source}={token}" for source, token in SERVICE_TOKENS.items()),
        }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return load(environment)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(settings: Settings, clock: FakeClock) -> Iterator[Desk]:
    topology = shop_topology(settings.retry_scale)
    desk = Desk(
        settings=settings,
        store=open_store(settings.database_url, busy_seconds=5.0, clock=clock),
        broker=FakeBroker(topology),
        topology=topology,
        targets=Targets(settings.targets, topology),
        clock=clock,
        random=lambda: 1.0,
    )
    yield desk
    desk.close()


@pytest.fixture
def broker(desk: Desk) -> FakeBroker:
    assert isinstance(desk.broker, FakeBroker)
    return desk.broker


@pytest.fixture
def app(desk: Desk) -> Flask:
    return create_app(desk)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def admin() -> dict[str, str]:
    """Headers with the administrator's token, which has every permission and every source."""
    return bearer(ADMIN_TOKEN)


@pytest.fixture
def warehouse() -> dict[str, str]:
    """Headers with the warehouse's intake token."""
    return bearer(SERVICE_TOKENS["warehouse"])
