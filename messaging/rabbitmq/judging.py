"""One call of a handler, beside the connection: its heartbeats go on however long the handler takes."""

from collections.abc import Callable, Sequence
from threading import Event, Thread

from messaging.message import Delivery, Verdict
from messaging.work import Work


class Judging(Thread):
    """A thread that asks the handler and then wakes the connection's own thread."""

    def __init__(self, work: Work, deliveries: Sequence[Delivery], wake: Callable[[], None]) -> None:
        super().__init__(name="rabbitmq-handler", daemon=True)
        self.work, self.deliveries, self.wake = work, deliveries, wake
        self.verdicts: Sequence[Verdict] = [Verdict.RETRY] * len(deliveries)
        self.done = Event()

    def run(self) -> None:
        """Ask the handler; what it did not answer is a retry."""
        try:
            self.verdicts = self.work.judge(self.deliveries)
        finally:
            self.done.set()
            self.wake()
