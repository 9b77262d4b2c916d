"""What `make run`, `make serve` and `make stubs` do after the set-up: start, tell the address, keep up, end."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from click import echo

from app.running import supervision
from app.running.parts import Part
from app.running.readiness import wait_until_ready

READY_SECONDS = 120.0
LOOK_SECONDS = 0.5  # between two looks whether something has ended


def run(folder: Path, name: str, parts: Sequence[Part], welcome: str) -> int:
    """Run the parts until we are told to end; return the exit code. `welcome` is printed when all are ready."""
    stop = _told_to_end()
    begin = time.monotonic()
    supervisor = supervision.start(folder, name, parts)
    try:
        echo(f"Starting {', '.join(part.name for part in parts)} …")
        missing = wait_until_ready(parts, seconds=READY_SECONDS, stop=stop, remind=lambda late: _remind(folder, late))
        if missing and not stop.is_set():
            echo(f"Not ready after {READY_SECONDS:.0f} s: {_logs(folder, missing)}", err=True)
            return 1
        if not stop.is_set():
            echo(f"Ready in {time.monotonic() - begin:.0f} s.\n{welcome}\nStop with Ctrl-C. Logs: {folder / 'logs'}")
        return _watch(supervisor, stop, folder, name)
    finally:
        supervision.end(supervisor)


def _watch(supervisor: "subprocess.Popen[bytes]", stop: Event, folder: Path, name: str) -> int:
    while not stop.wait(LOOK_SECONDS):
        if supervisor.poll() is not None:
            echo(f"The supervisor has ended, and every part with it. {_logs(folder, [f'supervisor-{name}'])}", err=True)
            return 1
        if _make_is_interrupted():
            break
    echo("Stopping …")
    return 0


def _told_to_end() -> Event:
    """Return an event that SIGTERM, Ctrl-C and a closed terminal set."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def _make_is_interrupted() -> bool:
    """Tell whether make, our parent, has been sent SIGINT for itself alone.

    It passes SIGTERM on, but not SIGINT, which a terminal sends to all of its group: it waits for us with the signal
    blocked, and would wait for ever.
    """
    for line in Path(f"/proc/{os.getppid()}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("SigBlk:"):
            return bool(int(line.split()[1], 16) & 1 << signal.SIGINT - 1)
    return False


def _remind(folder: Path, names: list[str]) -> None:
    echo(f"Still waiting for {', '.join(names)}. What they say is in {folder / 'logs'}")


def _logs(folder: Path, names: list[str]) -> str:
    return f"{', '.join(names)}: see {', '.join(str(folder / 'logs' / f'{name}.log') for name in names)}"
