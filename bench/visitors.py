"""An administrator at a desk that holds so many failures."""

import time

from sqlalchemy import select, text

from app import create_app
from app.clock import utcnow
from app.domain.status import Status
from app.models.failure import Failure
from app.queries import bulk, cursors
from app.queries.counts import is_status
from app.queries.filters import FailureFilter
from app.services import bulk_orders, counting
from app.services.bulk_orders import BulkOrder
from bench import copies, lives
from bench.complaints import FURNITURE
from bench.grounds import Ground
from bench.lives import NUMBER, SPAN
from bench.processes import free_port
from tests.factories import make_shop
from tests.pages import addresses
from tests.web.people import sign_in

PASSWORD = "the password of the benchmark"
EACH_END = 2  # of the oldest and of the newest failures in each status: their pages are opened in turns
PARTS, BY_HTMX = ("/search", "/trend", "/review/waiting"), {"HX-Request": "true"}  # asked for by a page alone


class Visitor:
    """Opens pages in this process; `addresses` are those of each page by its rule, one set for each example."""

    def __init__(self, ground: Ground, name: str, number: int) -> None:
        databases = {f"{each.upper()}_DATABASE_URL": ground.database(f"{name}-{each}")
                     for each in ("orders", "warehouse", "queue")}
        databases["DLO_QUEUE_DATABASE_URL"] = databases.pop("QUEUE_DATABASE_URL")
        settings = databases | {"DLO_ADMIN_PASSWORD": PASSWORD, "STUBS_BASE_PORT": str(free_port())}
        self.desk = ground.desk(name, **settings).open()
        self._fill(number // NUMBER)
        app = create_app(self.desk)
        self.examples = self._examples()
        self.addresses = [addresses(app, examples) for examples in self.examples]
        self.client = app.test_client()
        sign_in(self.client, "admin", PASSWORD)

    def open(self, page: str, asked: str, number: int) -> float:
        """Open a page of the example of that number, and return how long it took, in seconds.

        Raises:
            RuntimeError: it was answered with an error.
        """
        which = number % len(self.addresses)
        address = self.addresses[which][page] + asked.format_map(self.examples[which])
        begun = time.perf_counter()
        answer = self.client.get(address, headers=BY_HTMX if page in PARTS else {})
        taken = time.perf_counter() - begun
        if answer.status_code >= 400:
            raise RuntimeError(f"{address} was answered with {answer.status_code}")
        return taken

    def _fill(self, days: int) -> None:
        make_shop(self.desk)
        lives.live(self.desk, utcnow() - days * SPAN)
        copies.copy(self.desk, days - 1)
        bulk_orders.start(self.desk, BulkOrder("assign", "admin", "a benchmark", FailureFilter(status=Status.REVIEW),
                                               assignee="admin"))
        while counting.count(self.desk):
            pass
        if not self.desk.store.is_sqlite:  # as its autovacuum does
            with self.desk.store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def _examples(self) -> list[dict[str, str]]:
        with self.desk.store.read() as session:
            rows = [row for status in Status for way in (Failure.created_at.asc(), Failure.created_at.desc())
                    for row in session.scalars(select(Failure).where(is_status(status)).order_by(way).limit(EACH_END))]
            bulk_id = bulk.newest(session, 1)[0].id
        return [_example(row, number, bulk_id) for number, row in enumerate(rows)]


def _example(row: Failure, number: int, bulk_id: str) -> dict[str, str]:
    return {
        "failure_id": row.id, "order_id": str(row.order_id), "client_id": str(row.client_id), "group_id": row.group_id,
        "name": "orders.status.dlq", "bulk_id": bulk_id, "word": FURNITURE[number % 3],
        "day": f"{row.created_at:%Y-%m-%d}", "cursor": cursors.encode(row.created_at, row.id),
    }
