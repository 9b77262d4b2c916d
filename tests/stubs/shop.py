"""The stubs inside the test's own process: real databases, real HTTP, the real embedded queue."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from random import SystemRandom
from threading import Event, Thread
from typing import Any

from werkzeug.serving import make_server

from messaging import Broker
from storage import Store
from stubs.common.calls import Answer, call
from stubs.common.context import Context, Stub
from stubs.common.process import open_context
from stubs.common.settings import PORTS, read_settings, service_of
from tests.stubs.helpers import TinyDesk

SCALE = "0.05"


# Not `random`, whose seed the tests fix: two processes of them would try the same ports. And below the ports that
# the system gives to outgoing connections, or one of those may take a port between our look and our use.
draw = SystemRandom()
STUB_PORTS = range(20_000, 32_000)


def free_base_port() -> int:
    """Return a base whose next eight ports are free: seven stubs and a desk."""
    for _ in range(100):
        base = draw.choice(STUB_PORTS)
        with ExitStack() as probes:
            try:
                for offset in range(1, 9):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", base + offset))
            except (OSError, OverflowError):
                continue
            return base
    raise AssertionError("no eight free ports in a row")


class Shop:
    """Stubs that are started one by one; what is not started refuses connections."""

    def __init__(self, folder: Path, scale: str = SCALE) -> None:
        base = free_base_port()
        self.desk = TinyDesk(base + 8)
        self.environment = {
            "DLO_INSTANCE": str(folder), "DLO_RETRY_SCALE": scale, "DLO_PORT": str(self.desk.port),
            "STUBS_BASE_PORT": str(base),
            "DLO_SERVICE_TOKENS": "warehouse=w,orders=o,inventory=i",
        }
        self.contexts: dict[str, Context] = {}
        self.stubs: dict[str, Stub] = {}

    def context(self, name: str) -> Context:
        """Open what a stub stands on, once."""
        if name not in self.contexts:
            self.contexts[name] = open_context(read_settings(name, self.environment), Event(), busy_seconds=0.5)
        return self.contexts[name]

    def build(self, name: str) -> Stub:
        """Build a stub, once, without serving it."""
        if name not in self.stubs:
            build = import_module(f"stubs.{service_of(name)}.app").build
            self.stubs[name] = build(self.context(name))
        return self.stubs[name]

    def client(self, name: str) -> Any:
        """Return a test client of a stub."""
        return self.build(name).app.test_client()

    def store(self, name: str) -> Store:
        return self.context(name).store

    def broker(self) -> Broker:
        return self.context("orders").broker

    @contextmanager
    def running(self, *names: str, loops: bool = True) -> Iterator["Shop"]:
        """Serve stubs, with their loops unless told otherwise, until the end of the block."""
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(self._serving(name, loops))
            yield self

    @contextmanager
    def _serving(self, name: str, loops: bool) -> Iterator[None]:
        stub, context = self.build(name), self.context(name)
        stop = Event()
        server = make_server("127.0.0.1", context.settings.port, stub.app, threaded=True)
        threads = [Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)]
        if loops:
            threads += [Thread(target=loop, args=(stop,), daemon=True) for loop in stub.loops]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            server.shutdown()
            server.server_close()
            for thread in threads:
                thread.join(10)

    def call(self, method: str, name: str, path: str, body: Any = None, timeout: float = 30.0) -> Answer:
        """Call a stub over HTTP."""
        return call(method, self.context(name).settings.address(name) + path, body, timeout=timeout)

    def reports(self, name: str) -> list[Any]:
        """Return what a stub has reported."""
        return self.client(name).get("/_reports").get_json()["items"]

    def close(self) -> None:
        for context in self.contexts.values():
            context.stop.set()
            context.reporter.stop()
            context.broker.close()
            context.store.close()


__all__ = ["PORTS", "Shop"]
