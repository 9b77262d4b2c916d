"""Let a contestant's worker do its work, kill it so many times on the way, and see what became of the work."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.running.supervision import ends_with_parent
from bench.peers.contestants import Command
from bench.peers.orders import Orders, Tally

POLL = 0.02
CALM = 5.0  # seconds without a write after which nothing more is to be expected where nothing was killed
LONGEST = 300.0
END_SECONDS = 20.0


class Group:
    """The worker's processes, which are killed together, as by a machine that loses its power."""

    def __init__(self, command: Command, log: Path) -> None:
        self.command, self.log = command, log
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the processes."""
        with self.log.open("ab") as output:
            self.processes = [
                subprocess.Popen(
                    [*ends_with_parent("KILL"), *self.command.words], cwd=self.command.folder, stdout=output,
                    stderr=output, env={**os.environ, **self.command.environment}, start_new_session=True,
                )
                for _ in range(self.command.copies)
            ]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to every process and all that it started."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, number)

    def kill(self) -> None:
        """End all of them without a word."""
        self.send(signal.SIGKILL)
        for process in self.processes:
            process.wait(END_SECONDS)


@contextmanager
def running(command: Command, log: Path) -> Iterator[Group]:
    """Run the worker while the block runs."""
    group = Group(command, log)
    group.start()
    try:
        yield group
    finally:
        group.kill()


def work_off(group: Group, orders: Orders, kills: int, quiet: float) -> Tally:
    """Kill and start the worker again as the work goes on; return when nothing more happens."""
    for kill in range(1, kills + 1):
        _wait(orders, orders.number * kill // (kills + 1))
        group.kill()
        group.start()
    return _settled(orders, quiet if kills else CALM)


def _wait(orders: Orders, done: int) -> None:
    deadline = time.monotonic() + LONGEST
    while orders.number - orders.tally().missing < done:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{done} of {orders.number} were not done in time: {orders.tally()}")
        time.sleep(POLL)


def _settled(orders: Orders, quiet: float) -> Tally:
    last, since, begun = orders.tally(), time.monotonic(), time.monotonic()
    # Before the first write the worker still starts.
    while time.monotonic() < (since + quiet if last.writes else begun + LONGEST):
        time.sleep(POLL)
        now = orders.tally()
        if now.writes != last.writes:
            last, since = now, time.monotonic()
    return last
