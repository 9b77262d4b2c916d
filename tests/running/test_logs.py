"""What the real processes say: every line stands alone, names what it is about, and gives nothing away."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from app import logs
from app.desk import Desk
from tests.conftest import SERVICE_TOKENS, bearer
from tests.factories import ORDER_STATUS, make_failure, make_order, make_shop, report
from tests.messaging.rabbitmq_node import free_port

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACE = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
FORGED = 'x\r\n{"event": "forged"}\x1b[31m\u2028'
SECRET = "hunter2-hunter2"
BROKEN = {"type": "http_request", "target": "inventory", "headers": {"X-Api-Key": SECRET}}  # it names no path
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def saying(module: str, environment: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """Run a process while the block runs, and return the file that it writes to."""
    said = tmp_path / f"{module}.log"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module], env={"PATH": os.environ["PATH"], **environment}, stdout=output,
            stderr=output,
        )
    try:
        yield said
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, said.read_text()


def until_said(said: Path, words: str, times: int = 1) -> None:
    deadline = time.monotonic() + 30
    while said.read_text().count(words) < times:
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.02)


def lines(said: Path) -> list[dict[str, Any]]:
    """Read every line as what it must be: a JSON object."""
    return [json.loads(line) for line in said.read_bytes().split(b"\n")[:-1]]


@pytest.fixture
def shop(desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365")


def test_a_worker_says_once_how_an_attempt_ended(desk: Desk, shop: None, environment, tmp_path: Path) -> None:
    due = {"next_attempt_at": LONG_AGO, "traceparent": TRACE}
    good = make_failure(desk, remedy=ORDER_STATUS, **due)
    broken = make_failure(desk, remedy=BROKEN, order_id=FORGED, source="orders", **due)
    with saying("app.workers", environment, tmp_path) as said:
        until_said(said, "the attempt has ended", times=2)
    about = {line.get("failure_id"): line for line in lines(said)}
    assert len([line for line in lines(said) if line.get("failure_id")]) == 2
    assert about[good].items() >= {
        "order_id": "536365", "attempt": 1, "trace_id": TRACE_ID, "source": "warehouse", "outcome": "applied",
        "level": "info", "process": "worker", "remedy": "order_status",
    }.items()
    assert about[good]["worker"] == about[broken]["worker"]
    assert (about[broken]["level"], about[broken]["order_id"]) == ("error", FORGED)
    assert "KeyError: 'path'" in about[broken]["exception"]
    assert SECRET not in said.read_text()


def test_text_is_as_safe_as_json(desk: Desk, environment, tmp_path: Path) -> None:
    failure = make_failure(desk, remedy=BROKEN, order_id=FORGED, next_attempt_at=LONG_AGO)
    with saying("app.workers", environment | {"DLO_LOG_FORMAT": "text"}, tmp_path) as said:
        until_said(said, "KeyError: 'path'")
    text = said.read_bytes().decode()
    assert [line for line in text.split("\n") if failure in line and "the attempt has ended" in line]
    assert all(letter.isprintable() for letter in text.replace("\n", ""))
    assert not [line for line in text.split("\n") if line.startswith("{")]


def test_the_service_says_nothing_of_what_a_report_holds(environment, tmp_path: Path) -> None:
    port = free_port()
    with saying("app.web", environment | {"DLO_PORT": str(port)}, tmp_path) as said:
        url = f"http://127.0.0.1:{port}"
        until_ready(url, said)
        for body in (report(orderId=FORGED, payload={"password": SECRET}), {"password": SECRET}):
            requests.post(
                f"{url}/api/v1/failures", json=body, timeout=10,
                headers=bearer(SERVICE_TOKENS["warehouse"]) | {"Idempotency-Key": "k"},
            )
    assert not [line for line in lines(said) if line["event"] == "forged"]
    assert SECRET not in said.read_text()


def until_ready(url: str, said: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if requests.get(f"{url}/healthz", timeout=2).ok:
                return
        except requests.ConnectionError:
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.05)


def test_statements_values_and_secrets_stay_out(capsys: pytest.CaptureFixture[str]) -> None:
    root, hook, thread_hook = logging.getLogger(), sys.excepthook, threading.excepthook
    handlers, level = root.handlers[:], root.level
    try:
        root.handlers = []
        logs.configure("json", process="test")
        words = (f"no\n[SQL: INSERT …]\n[parameters: ({SECRET!r},)]\n"
                 f"DETAIL:  Failing row contains ({SECRET}).\nBearer {SECRET}")
        logging.getLogger("x").error("it failed: %s", words, exc_info=ValueError(words))
    finally:
        root.handlers, sys.excepthook, threading.excepthook = handlers, hook, thread_hook
        root.setLevel(level)
        logging.captureWarnings(False)
    line = json.loads(capsys.readouterr().out)
    assert "ValueError: no" in line["exception"]
    assert SECRET not in json.dumps(line)
