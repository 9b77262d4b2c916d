"""The whole system as `make run` starts it: real processes, a folder and ports of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from storage import open_store
from stubs.common.calls import Unreachable, call
from stubs.common.settings import PORTS
from tests.e2e.waiting import eventually
from tests.stubs.helpers import free_port
from tests.stubs.shop import free_base_port

ROOT = Path(__file__).parents[2]
SCALE = 0.02
ADMIN_TOKEN = "the-administrators-token-of-the-end-to-end-tests"
START_SECONDS = 60.0
END_SECONDS = 20.0


class System:
    """The processes, their addresses and their databases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.base_port = free_port(), free_base_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def desk_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stub_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.base_port + PORTS[name]}"

    @property
    def environment(self) -> dict[str, str]:
        """Return what every process of the system is given; nothing of the caller's own settings."""
        foreign = ("DLO_", "STUBS_")
        kept = {
            name: value for name, value in os.environ.items()
            if not name.startswith(foreign) and not name.endswith("DATABASE_URL")
        }
        return kept | {
            "DLO_INSTANCE": str(self.folder), "DLO_PORT": str(self.port), "STUBS_BASE_PORT": str(self.base_port),
            "DLO_RETRY_SCALE": str(SCALE), "DLO_ADMIN_TOKEN": ADMIN_TOKEN, "DEMO_TRAFFIC": "0",
        }

    @contextmanager
    def running(self) -> Iterator["System"]:
        """Start the very command of `make run`, and end it with SIGTERM."""
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "run"], cwd=ROOT, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )
            try:
                eventually(self._is_ready, within=START_SECONDS)
                yield self
            finally:
                self._process.terminate()
                self._process.wait(END_SECONDS)

    def kill(self, part: str) -> None:
        """Kill a part with SIGKILL; the supervisor starts it again."""
        process = self.process(part)
        process.send_signal(signal.SIGKILL)
        process.wait(END_SECONDS)

    def process(self, part: str) -> psutil.Process:
        """Find the process of a part: `web`, `worker` or a stub."""
        found = eventually(lambda: [child for child in self._parts() if _is(child, part)])
        assert len(found) == 1, found
        return found[0]

    def is_up(self) -> bool:
        """Tell whether every part that listens answers."""
        urls = [f"{self.desk_url}/login", *(f"{self.stub_url(stub)}/healthz" for stub in PORTS)]
        try:
            return all(call("GET", url, timeout=5).status == 200 for url in urls)
        except Unreachable:
            return False

    def rows(self, database: str, query: str, **values: Any) -> list[dict[str, Any]]:
        """Read from the database of a service: `warehouse`, `orders`, `inventory` …"""
        store = open_store(f"sqlite:///{self.folder / database}.db", busy_seconds=5.0)
        try:
            with store.read() as session:
                return [dict(row) for row in session.execute(text(query), values).mappings()]
        finally:
            store.close()

    @contextmanager
    def locked(self, database: str) -> Iterator[None]:
        """Let nobody write to a database until the end of the block."""
        store = open_store(f"sqlite:///{self.folder / database}.db")
        try:
            with store.connect():
                yield
        finally:
            store.close()

    def log(self, part: str) -> str:
        """Return what a part has logged."""
        return (self.folder / "logs" / f"{part}.log").read_text("utf-8")

    def _is_ready(self) -> bool:
        assert self._process is not None
        output = (self.folder / "output").read_text("utf-8")
        assert self._process.poll() is None, output
        return "Ready in" in output

    def _parts(self) -> list[psutil.Process]:
        assert self._process is not None
        supervisors = psutil.Process(self._process.pid).children()
        return [child for supervisor in supervisors for child in supervisor.children()]


def _is(process: psutil.Process, part: str) -> bool:
    module = {"web": "app.web", "worker": "app.workers"}.get(part, f"stubs.{part.partition('-')[0]}")
    try:
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    # A warehouse's own name is on its command line; for the others the module says it all.
    return module in command and ("--name" not in command or part in command)
