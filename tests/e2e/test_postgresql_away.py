"""PostgreSQL away at the start, and in the middle: the desk says so, and goes on by itself when it is back."""

import signal
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from time import monotonic

import psutil
import pytest
import requests
from sqlalchemy import text

from storage import open_store
from tests.e2e.running import Running, passwords, started
from tests.e2e.system import ADMIN_TOKEN, SCALE
from tests.e2e.waiting import eventually
from tests.factories import SHOP_TABLES
from tests.postgresql import Cluster, cluster

pytestmark = [pytest.mark.e2e, pytest.mark.postgresql, pytest.mark.timeout(240)]

STOCK = 10_000
BACK_SECONDS = 10.0
LEASE_AND_MORE = 45.0
ANSWER_SECONDS = 5.0
# What was committed must outlast the death of the server's processes, though not the machine's.
OPTIONS = ("fsync=off", "full_page_writes=off", "max_connections=200")


class Office:
    """A desk on PostgreSQL, run by `make serve`, and a warehouse on the same server."""

    def __init__(self, run: Running, server: Cluster, warehouse: str) -> None:
        self.run, self.server, self._warehouse = run, server, warehouse
        self._numbers = count()

    def get(self, path: str) -> requests.Response:
        """Ask, as a browser or a probe does."""
        return requests.get(self.run.url + path, timeout=ANSWER_SECONDS, allow_redirects=False)

    def report(self) -> requests.Response:
        """Report that one leg could not be taken from the stock."""
        number = next(self._numbers)
        body = {
            "source": "warehouse", "operation": "stock.decrement", "kind": "db_write",
            "error": {"type": "OperationalError", "message": "the database is away"},
            "remedy": {"type": "stock_decrement", "operationId": f"op-{number}", "orderId": f"order-{number}",
                       "components": [{"componentId": "leg", "quantity": 1}]},
        }
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Idempotency-Key": f"key-{number}"}
        return requests.post(f"{self.run.url}/api/v1/failures", json=body, headers=headers, timeout=ANSWER_SECONDS)

    def accept(self, number: int) -> None:
        """Report so many times, and expect a promise each time."""
        assert [self.report().status_code for _ in range(number)] == [202] * number

    def taken(self) -> int:
        """Return how many legs were taken from the stock."""
        with closing(open_store(self._warehouse)) as store, store.read() as session:
            return STOCK - session.scalars(text("SELECT available FROM components")).one()

    def listens(self) -> bool:
        """Tell whether the service answers anything at all."""
        assert self.run.make.poll() is None, self.run.text()
        return self.run.answers("/healthz")

    def is_ready(self) -> bool:
        return self.run.answers("/readyz")

    def processes(self) -> set[tuple[int, float]]:
        """Return the service's and the worker's processes."""
        parts: list[psutil.Process] = [*self.run.part("app.web"), *self.run.part("app.workers")]
        return {(process.pid, process.create_time()) for process in parts}

    def assert_says_so(self) -> None:
        """Check that whoever asks is told that the database is away, and when to come again."""
        for answer in (self.get("/login"), self.report()):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        ready = self.get("/readyz")
        assert ready.status_code == 503
        assert "the database cannot be reached" in ready.text
        assert self.get("/healthz").status_code == 200


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster(*OPTIONS) as running:
        yield running


@pytest.fixture
def databases_of(server: Cluster) -> dict[str, str]:
    names = ("DLO_DATABASE_URL", "DLO_QUEUE_DATABASE_URL", "WAREHOUSE_DATABASE_URL", "ORDERS_DATABASE_URL")
    urls = {name: server.server.create() for name in names}
    with closing(open_store(urls["WAREHOUSE_DATABASE_URL"])) as store, store.connect() as connection:
        for statement in SHOP_TABLES:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO components VALUES ('leg', :stock)"), {"stock": STOCK})
    return urls


@pytest.fixture
def office(server: Cluster, databases_of: dict[str, str], tmp_path: Path, away: bool) -> Iterator[Office]:
    if away:
        server.stop()
    settings = {"DLO_RETRY_SCALE": str(SCALE), "DLO_ADMIN_TOKEN": ADMIN_TOKEN}
    with started("serve", tmp_path, **settings, **databases_of) as run:
        yield Office(run, server, databases_of["WAREHOUSE_DATABASE_URL"])


@pytest.mark.parametrize("away", [True])
def test_a_desk_that_starts_before_its_database_waits_for_it(office: Office) -> None:
    eventually(office.listens, 60)
    office.assert_says_so()

    office.server.start()

    eventually(office.is_ready, BACK_SECONDS)
    office.accept(5)
    eventually(lambda: office.taken() == 5, BACK_SECONDS)
    assert set(passwords(office.run.text())) == {"admin", "operator"}


@pytest.mark.parametrize("away", [False])
def test_a_database_that_goes_and_comes_back_costs_nothing_but_time(office: Office, outage: float) -> None:
    eventually(office.run.is_ready, 60)
    before = office.processes()
    office.accept(40)

    office.server.stop(signal.SIGQUIT)
    back_at = monotonic() + outage
    eventually(lambda: office.assert_says_so() or monotonic() > back_at, outage + 30)
    office.server.start()

    eventually(office.is_ready, BACK_SECONDS)
    had = office.taken()
    office.accept(5)
    eventually(lambda: office.taken() >= min(45, had + 5), BACK_SECONDS)
    eventually(lambda: office.taken() == 45, LEASE_AND_MORE)
    assert office.processes() == before
