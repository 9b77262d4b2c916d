"""Four worker processes on one backlog: each failure is tried once, and all four have a share."""

from collections import Counter
from datetime import UTC, datetime

from app.desk import Desk
from tests.children import work_through
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.looking import all_failures, assert_consistent, attempts_of, stock
from tests.processes import CONTEXT

TARGET = "warehouse-db"
WORKERS = 4
BACKLOG = 400
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # due whatever the clock says


def test_four_workers_share_a_backlog_and_double_nothing(desk: Desk, environment: dict[str, str]) -> None:
    make_shop(desk)
    make_stock(desk, leg=4 * BACKLOG)
    for number in range(BACKLOG):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{number}"}, next_attempt_at=LONG_AGO)
    barrier = CONTEXT.Barrier(WORKERS)
    workers = [
        CONTEXT.Process(target=work_through, args=(environment, TARGET, f"worker-{number}", barrier))
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(100)
    assert [worker.exitcode for worker in workers] == [0] * WORKERS

    rows = all_failures(desk)
    assert Counter((row.status, row.attempts_made, row.fence) for row in rows) == {("resolved", 1, 1): BACKLOG}
    shares = Counter(attempt.worker for row in rows for attempt in attempts_of(desk, row.id))
    assert sum(shares.values()) == BACKLOG
    assert len(shares) == WORKERS, shares
    assert stock(desk) == 0
    assert_consistent(desk)
