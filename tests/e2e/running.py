"""Start what `make run` starts, on free ports and in a folder of its own, and watch its processes."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from tests.e2e.waiting import eventually

ROOT = Path(__file__).parent.parent.parent
# The set-up of whoever runs the tests is there: make must not look for its own.
MAKE = ["make", "--no-print-directory", "-o", "setup", f"RUN={sys.executable}"]


@dataclass
class Running:
    """A running `make`, and all that came out of it."""

    make: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['DLO_PORT']}"

    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def processes(self) -> list[psutil.Process]:
        """Return every living process of this run: they carry its instance folder in their environment."""
        mark = self.environment["DLO_INSTANCE"]
        return [process for process in psutil.process_iter() if _belongs(process, mark)]

    def part(self, word: str) -> list[psutil.Process]:
        """Return the processes with a word in their command line, the oldest first."""
        found = [process for process in self.processes() if word in _command_line(process)]
        return sorted(found, key=lambda process: process.create_time())

    def answers(self, path: str = "/healthz") -> bool:
        try:
            return requests.get(self.url + path, timeout=1).ok
        except requests.RequestException:
            return False

    def is_ready(self) -> bool:
        assert self.make.poll() is None, f"make has ended:\n{self.text()}"
        return "Stop with Ctrl-C" in self.text()


@contextmanager
def running(target: str, folder: Path, **settings: str) -> Iterator[Running]:
    """Run `make <target>` until the block ends, which begins when all is ready."""
    with started(target, folder, **settings) as run:
        eventually(run.is_ready, 60)
        yield run


@contextmanager
def started(target: str, folder: Path, **settings: str) -> Iterator[Running]:
    """Start `make <target>`; nothing is left behind at the end of the block, whatever happens in it."""
    run = start(target, folder, **settings)
    try:
        yield run
    finally:
        run.make.send_signal(signal.SIGTERM)
        for process in run.processes() if _ends(run.make, 15) else [*run.processes(), run.make]:
            process.kill()


def start(target: str, folder: Path, **settings: str) -> Running:
    """Start `make <target>` with its output in a file."""
    web, base = free_ports()
    environment = _neutral(os.environ) | {
        "DLO_INSTANCE": str(folder / "instance"), "DLO_PORT": str(web), "STUBS_BASE_PORT": str(base),
        "DEMO_TRAFFIC": "0", **settings,
    }
    output = folder / "output"
    with output.open("ab") as file:
        make = subprocess.Popen(
            [*MAKE, target], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    return Running(make, environment, output)


def _neutral(environment: Mapping[str, str]) -> dict[str, str]:
    # The settings of whoever runs the tests are none of theirs: they name real databases.
    return {
        name: value for name, value in environment.items()
        if not name.startswith(("DLO_", "STUBS_")) and not name.endswith("DATABASE_URL")
    }


def free_ports() -> tuple[int, int]:
    """Return a free port for the service, and a base with seven free ports above it for the stubs."""
    for _ in range(100):
        base = random.randrange(20_000, 32_000)
        with ExitStack() as stack:
            try:
                for port in range(base, base + 8):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return base, base
    raise AssertionError("no eight free ports in a row")


def passwords(text: str) -> dict[str, str]:
    """Return what was printed of the first accounts."""
    return dict(re.findall(r"(?m)^(admin|operator) (\S+)$", text))


def _ends(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _belongs(process: psutil.Process, mark: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get("DLO_INSTANCE") == mark
    except psutil.Error:
        return False


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
