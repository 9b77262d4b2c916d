"""A worker that is told to end under load: soon, with nothing left behind that a lease does not free."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.desk import Desk
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.http_server import Server, serving, silent
from tests.looking import all_failures, assert_consistent, stock

pytestmark = pytest.mark.crash

DECREMENTS, CALLS = 400, 40
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # due whatever the clock says
ENDING_SECONDS = 10.0
CALL = {"type": "http_request", "target": "inventory", "method": "POST", "path": "/v1/ship", "body": {}}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "worker.log"


def start(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", "app.workers"], env={"PATH": os.environ["PATH"], **environment},
                                stdout=output, stderr=output)


def calling(server: Server, environment: dict[str, str]) -> dict[str, str]:
    targets = {"inventory": server.url, "warehouse-db": environment["WAREHOUSE_DATABASE_URL"]}
    return environment | {"DLO_TARGETS": json.dumps(targets)}


def until(holds: Callable[[], object], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.01)


def states(desk: Desk) -> Counter[str]:
    return Counter(row.status for row in all_failures(desk))


def test_a_worker_told_to_end_under_load_ends_within_ten_seconds_and_another_finishes_its_work(
    desk: Desk, environment: dict[str, str], log: Path
) -> None:
    make_shop(desk)
    make_stock(desk, leg=4 * DECREMENTS)
    for number in range(CALLS):
        make_failure(desk, remedy=CALL | {"path": f"/v1/{number}"}, next_attempt_at=LONG_AGO)
    for number in range(DECREMENTS):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{number}"}, next_attempt_at=LONG_AGO)

    with serving(silent) as server:
        worker = start(calling(server, environment), log)
        until(lambda: server.requests and states(desk)["resolved"], log)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(ENDING_SECONDS) == 0, log.read_text()[-3000:]

    left = states(desk)
    assert left["resolved"] < DECREMENTS, "it was not under load any more"
    assert left["running"] == 0, "what was not begun is given back, and what was begun is recorded"
    assert_consistent(desk)

    another = start(environment, log)
    until(lambda: states(desk)["resolved"] == DECREMENTS, log)
    another.send_signal(signal.SIGTERM)
    assert another.wait(ENDING_SECONDS) == 0
    assert stock(desk) == 0
    assert_consistent(desk)


def test_what_a_worker_that_is_killed_in_its_end_holds_is_free_when_its_lease_has_run_out(
    desk: Desk, environment: dict[str, str], log: Path
) -> None:
    make_failure(desk, remedy=CALL, next_attempt_at=LONG_AGO)
    with serving(silent) as server:
        worker = start(calling(server, environment), log)
        until(lambda: server.requests, log)
        worker.send_signal(signal.SIGTERM)
        worker.kill()
        worker.wait()
    (row,) = all_failures(desk)
    assert row.status == "running"
    assert row.lease_until <= datetime.now(UTC) + timedelta(seconds=30)
