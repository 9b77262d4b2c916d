"""A service that is called: it keeps every effect by its Idempotency-Key, and may fail before or after it."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Lock, Thread

LONGEST_SECONDS = 0.05  # of a call: callers are killed while they wait
HANGS_UP = 0.03  # share of calls that are done and not answered, however well it is


class Receiver(ThreadingHTTPServer):
    """The server; `is_ill` makes every call fail before its effect."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_ill = False
        self.keys: dict[int, set[str]] = defaultdict(set)
        self._chance, self._lock = Random(f"{seed} receiver"), Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, number: int, key: str) -> bool:
        """Do what was asked, once for each key; False when the caller is not told."""
        with self._lock:
            self.keys[number].add(key)
            seconds, is_told = self._chance.uniform(0, LONGEST_SECONDS), self._chance.random() >= HANGS_UP
        time.sleep(seconds)
        return is_told


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        """Serve a connection; that its caller is killed is part of the game."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._answer(503 if self.server.is_ill else 200)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # its caller was killed
        elif self.server.is_ill:
            self._answer(503)
        elif self.server.take(int(json.loads(body)["orderId"]), self.headers["Idempotency-Key"]):
            self._answer(200)
        else:
            self.close_connection = True

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so by its base
        """Say nothing: what counts is kept."""


@contextmanager
def receiving(seed: int) -> Iterator[Receiver]:
    """Serve on a free loopback port while the block runs."""
    with Receiver(seed) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
