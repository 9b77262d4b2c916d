"""Bulk operations: begun, run, and looked at."""

from dataclasses import replace

from sqlalchemy import select, text

from app.desk import Desk
from app.models.bulk import BulkItem
from app.models.failure import Failure
from app.queries import bulk as bulk_queries
from app.queries.filters import FailureFilter
from app.services import bulk, retrying
from app.services.bulk_orders import BulkOrder
from tests.factories import STOCK_DECREMENT, make_failure, make_shop

RETRY = BulkOrder("retry", "anna", "stock is back", filter=FailureFilter(status="review"))
RESOLVE = replace(RETRY, action="resolve")


def progress(desk: Desk, bulk_id: str) -> bulk_queries.BulkProgress:
    with desk.store.read() as session:
        found = bulk_queries.progress(session, bulk_id)
    assert found.pending + found.succeeded + found.failed + found.skipped == found.total
    return found


def counts(desk: Desk, bulk_id: str) -> tuple[str, int, int, int, int]:
    found = progress(desk, bulk_id)
    return found.status, found.pending, found.succeeded, found.failed, found.skipped


def run_all(desk: Desk) -> None:
    while bulk.run_some(desk):
        pass


def attempt_all(desk: Desk, target: str = "warehouse-db") -> None:
    while retrying.work(desk, target, "worker-1"):
        pass


def make_many(desk: Desk, number: int, **columns: object) -> list[str]:
    return [
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{index}"}, status="review", **columns)
        for index in range(number)
    ]


def status_of(desk: Desk, failure_id: str) -> str:
    with desk.store.read() as session:
        return session.get_one(Failure, failure_id).status


def stock(desk: Desk, available: int) -> None:
    make_shop(desk)
    with desk.targets.store("warehouse-db").connect() as connection:
        connection.execute(text("INSERT INTO components VALUES ('leg', :available)"), {"available": available})


def started(desk: Desk, bulk_id: str) -> int:
    with desk.store.read() as session:
        return len(session.scalars(
            select(BulkItem).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == "started")).all())
