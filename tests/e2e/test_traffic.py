"""Traffic through a running desk: every failure that it causes is stored, and the stock adds up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.desk import Desk, Failure
from tests.e2e.running import ROOT
from tests.e2e.system import System
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

RETAIL = "TRAFFIC_ORDERS"  # the path of a file of real orders
RETAIL_ORDERS = 60


def test_generated_orders_with_faults_lose_no_failure(system: System, desk: Desk, tmp_path: Path) -> None:
    _drive(system, tmp_path, "--count", "40", "--faults", "0.3", "--seed", "1", "--rate", "20")

    eventually(lambda: _without_a_future(desk) == [])


@pytest.mark.skipif(RETAIL not in os.environ, reason=f"{RETAIL} names no file of orders")
def test_a_retailers_file_with_faults_loses_no_failure(system: System, desk: Desk, tmp_path: Path) -> None:
    found = _drive(system, tmp_path, "--orders", os.environ[RETAIL], "--count", str(RETAIL_ORDERS), "--faults", "0.2",
                   "--seed", "1", "--rate", "20")

    assert found["linesRead"] > 0
    eventually(lambda: _without_a_future(desk) == [])


def _drive(system: System, folder: Path, *options: str) -> dict[str, object]:
    """Run traffic to its end and return its table."""
    table = folder / "table.json"
    run = subprocess.run(
        [sys.executable, "-m", "stubs.traffic", *options, "--json", str(table)], cwd=ROOT, env=system.environment,
        capture_output=True, text=True, timeout=100,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(table.read_text("utf-8"))
    assert [check for check in found["checks"] if check["ok"] is not True] == []
    return found


def _without_a_future(desk: Desk) -> list[Failure]:
    """List the failures that nobody will ever touch again, though they have not ended."""
    waiting = [item for status in ("scheduled", "running", "sent") for item in _all(desk, status)]
    return [item for item in waiting if item["status"] != "scheduled" or item["nextAttemptAt"] is None]


def _all(desk: Desk, status: str) -> list[Failure]:
    items, cursor = [], ""
    while cursor is not None:
        page = desk.get(f"/failures?status={status}&limit=100{cursor and f'&cursor={cursor}'}")
        items += page["items"]
        cursor = page["nextCursor"]
    return items
