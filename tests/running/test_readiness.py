"""Waiting for the parts: bounded, and naming the late."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.running.parts import Part
from app.running.readiness import wait_until_ready


class Server(HTTPServer):
    """Answers 503 to the first `late` calls, then 200."""

    late = 0


class Answer(BaseHTTPRequestHandler):
    """One answer."""

    server: Server

    def do_GET(self) -> None:
        self.send_response(503 if self.server.late > 0 else 200)
        self.end_headers()
        self.server.late -= 1

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


def parts(server: Server) -> list[Part]:
    return [Part("web", "app.web", ready_url=f"http://127.0.0.1:{server.server_port}/"), Part("worker", "app.workers")]


def test_what_answers_is_ready_and_what_listens_nowhere_is_not_waited_for(server: Server) -> None:
    assert wait_until_ready(parts(server), seconds=10, stop=threading.Event(), remind=pytest.fail) == []


def test_a_part_that_is_late_is_named_and_waited_for(server: Server) -> None:
    server.late = 3
    told: list[list[str]] = []
    stop = threading.Event()
    assert wait_until_ready(parts(server), seconds=10, stop=stop, remind=told.append, every=0) == []
    assert told[0] == ["web"]


def test_waiting_is_bounded(server: Server) -> None:
    server.late = 1000
    assert wait_until_ready(parts(server), seconds=0.1, stop=threading.Event(), remind=pytest.fail) == ["web"]


def test_waiting_ends_when_we_are_told_to_end(server: Server) -> None:
    server.late = 1000
    stop = threading.Event()
    stop.set()
    assert wait_until_ready(parts(server), seconds=1000, stop=stop, remind=pytest.fail) == ["web"]
