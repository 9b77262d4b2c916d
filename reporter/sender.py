"""The thread that brings reports to the desk, in order."""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable
from uuid import uuid4

from reporter.desk import Desk, Wait
from reporter.outbox import Entry, Outbox

log = logging.getLogger("reporter")

IDLE = 0.5  # seconds between two looks at an empty outbox: another process may fill it, or a late commit
BASE = 0.5  # seconds before the first repeat
LONGEST = 8.0  # seconds between two repeats at most


def backoff(failures: int, pace: float, jitter: Callable[[], float] = random.random) -> float:
    """Return the seconds before the next try: doubling and capped, half of it at random."""
    most = min(LONGEST, BASE * 2.0 ** min(failures - 1, 10)) * pace
    return most * (0.5 + 0.5 * jitter())


class Sender:
    """Send what the outbox holds; `pace` multiplies every wait between repeats."""

    def __init__(self, outbox: Outbox, desk: Desk, pace: float = 1.0) -> None:
        self._outbox = outbox
        self._desk = desk
        self._pace = pace
        self._owner = uuid4().hex
        self._failures = 0
        self._unwritten: deque[Entry] = deque()
        self.wake = threading.Event()

    def keep(self, entry: Entry) -> None:
        """Keep an entry in memory that the outbox did not take, until it can be written or sent."""
        self._unwritten.append(entry)
        self.wake.set()

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set, whatever happens."""
        while not stop.is_set():
            try:
                wait = self.drain(stop)
            except Exception:  # the store is away, say: the thread must outlive it
                log.exception("the report outbox cannot be read")
                self._failures += 1
                wait = backoff(self._failures, self._pace)
            if self._failures:
                stop.wait(wait)
            else:
                self.wake.wait(wait)
                self.wake.clear()

    def drain(self, stop: threading.Event) -> float:
        """Send entries until none is left or the desk takes no more; return the seconds to wait."""
        self._write_the_unwritten()
        wait, held = IDLE, False
        while not stop.is_set() and (entry := self._outbox.claim(self._owner)):
            held = True
            answer = self._desk.post(entry)
            if isinstance(answer, Wait):
                wait = self._wait(answer)
                break
            if answer.state == "refused":
                log.error("the desk refused %s %s: %s %s", entry.path, entry.key, answer.status, answer.text)
            self._outbox.finish(entry, answer)
            self._failures = 0
        if held:
            self._outbox.release(self._owner)
        return wait

    def _write_the_unwritten(self) -> None:
        while self._unwritten:
            entry = self._unwritten[0]
            try:
                self._outbox.create()
                self._outbox.add(entry)
            except Exception:
                if isinstance(self._desk.post(entry), Wait):
                    raise
            self._unwritten.popleft()

    def _wait(self, answer: Wait) -> float:
        self._failures += 1
        seconds = answer.retry_after
        if seconds is None:
            seconds = backoff(self._failures, self._pace)
        log.log(logging.WARNING if self._failures == 1 else logging.DEBUG,
                "the desk takes no reports (%s); they wait in the outbox", answer.reason)
        return seconds
