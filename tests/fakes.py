"""What tests hand in instead of the real surroundings; the database is always the real one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from messaging import BrokerUnavailable, Delivery, Handler, Message, Topology, Unroutable, Verdict


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Go on by so many seconds."""
        self.now += timedelta(seconds=seconds)
        return self.now


class FakeBroker:
    """A broker in memory: `queues` holds what was published, `away` makes every call fail, `hangs` hang until set."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.queues: dict[str, list[Message]] = defaultdict(list)
        self.away = False
        self.hangs: Event | None = None

    def _reach(self, queue: str) -> None:
        self.ping()
        if queue not in self.topology:
            raise Unroutable(queue)

    def publish(self, queue: str, message: Message) -> None:
        self._reach(queue)
        self.queues[queue].append(message)

    def consume(
        self, queues: Sequence[str], handler: Handler, *, stop: Event, batch: int = 1,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """Hand over one batch after the other; what is not acknowledged stays."""
        while not stop.wait(0.005):
            for queue in queues:
                waiting = self.queues[queue][:batch]
                deliveries = [Delivery(message, queue, 1, None) for message in waiting]
                verdicts = handler(deliveries) if deliveries else []
                taken = [message for message, verdict in zip(waiting, verdicts, strict=True) if verdict is Verdict.ACK]
                self.queues[queue] = [message for message in self.queues[queue] if message not in taken]

    def depth(self, queue: str) -> int:
        self._reach(queue)
        return len(self.queues[queue])

    def oldest(self, queue: str) -> datetime | None:
        self._reach(queue)
        return None

    def peek(self, queue: str, limit: int) -> list[Message]:
        self._reach(queue)
        return self.queues[queue][:limit]

    def ping(self) -> None:
        if self.hangs is not None:
            self.hangs.wait(20)
        if self.away:
            raise BrokerUnavailable("the broker is away")

    def close(self) -> None:
        pass
