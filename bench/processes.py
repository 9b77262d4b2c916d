"""Start a process, wait until it answers, weigh it, end it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

START_SECONDS = 30.0
END_SECONDS = 15.0
ROOT = Path(__file__).parent.parent


@contextmanager
def running(arguments: Sequence[str], environment: Mapping[str, str], *, log: Path) -> Iterator[psutil.Popen]:
    """Run `python -m …` until the block ends; what it prints goes to `log`."""
    with log.open("wb") as output:
        process = psutil.Popen(
            [sys.executable, "-m", *arguments], env={**os.environ, **environment}, cwd=ROOT, stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(process: psutil.Popen, port: int, log: Path) -> None:
    """Wait until something listens.

    Raises:
        RuntimeError: the process ended, or did not listen in time; with what it printed.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}:\n{log.read_text()}")


def resident(process: psutil.Popen) -> float:
    """Return the resident memory of the largest process among this one and those that it started, in MB."""
    return max(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6
