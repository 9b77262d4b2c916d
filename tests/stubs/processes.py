"""The stubs as real processes, on free ports and in a folder of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stubs.common.calls import Answer, Unreachable, call
from stubs.common.settings import PORTS, service_of
from tests.stubs.helpers import eventually
from tests.stubs.shop import free_base_port


class Processes:
    """Starts, ends and kills stubs; `environment` may be changed before a start."""

    def __init__(self, folder: Path, scale: str = "0.02") -> None:
        base = free_base_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DLO_")},
            "DLO_INSTANCE": str(folder), "DLO_RETRY_SCALE": scale, "DLO_PORT": str(base + 8),
            "STUBS_BASE_PORT": str(base),
            "DLO_SERVICE_TOKENS": "warehouse=w,orders=o,inventory=i",
        }
        self.running: dict[str, subprocess.Popen[str]] = {}

    def start(self, *names: str) -> None:
        """Start stubs and wait until they answer."""
        for name in names:
            options = ["--name", name] if name.startswith("warehouse") else []
            self.running[name] = self.run(f"stubs.{service_of(name)}", *options)
        for name in names:
            eventually(lambda name=name: self._answers(name), 30)

    def run(self, module: str, *options: str) -> subprocess.Popen[str]:
        """Start any module."""
        command = [sys.executable, "-m", module, *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=self.environment, text=True, **pipes)

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and wait for the end; return the exit status and what was logged."""
        process = self.running.pop(name)
        process.send_signal(number)
        _, log = process.communicate(timeout=20)
        return process.returncode, log

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{int(self.environment['STUBS_BASE_PORT']) + PORTS[name]}"

    def call(self, method: str, name: str, path: str, body: Any = None) -> Answer:
        """Call a stub."""
        return call(method, self.url(name) + path, body, timeout=30)

    def _answers(self, name: str) -> bool:
        if self.running[name].poll() is not None:
            raise AssertionError(f"{name} ended: {self.running[name].communicate()[1]}")
        try:
            return self.call("GET", name, "/healthz").status == 200
        except Unreachable:
            return False


@contextmanager
def processes(folder: Path, scale: str = "0.02") -> Iterator[Processes]:
    """Give processes, and end those that are left."""
    started = Processes(folder, scale)
    try:
        yield started
    finally:
        for process in started.running.values():
            process.kill()
            process.communicate()
