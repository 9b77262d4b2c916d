"""What the stubs' tests share: a deadline to poll against, free ports, and a desk of a few lines."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4


def eventually(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Poll until a condition holds and return what it gave; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Request:
    """What the desk was sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class TinyDesk:
    """A desk that answers as it is told: `answers` first, then 202 to everything."""

    port: int
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        self.requests.append(request)
        if self.answers:
            status, headers = self.answers.pop(0)
            return status, headers, b'{"title": "as told"}'
        failure = {"id": str(uuid4()), "status": "scheduled", "url": f"{self.url}/failures/1"}
        return 202, {}, json.dumps(failure).encode()

    def look(self, path: str) -> tuple[int, bytes]:
        return 200, b'{"status": "ok"}'

    @contextmanager
    def running(self) -> Iterator["TinyDesk"]:
        """Listen until the end of the block."""
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send(*desk.answer(Request(self.path, dict(self.headers), body)))

            def do_GET(self) -> None:
                status, text = desk.look(self.path)
                self.send(status, {}, text)

            def send(self, status: int, headers: dict[str, str], text: bytes) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
