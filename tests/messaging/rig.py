"""What the tests of a broker share: time that can be let pass, consumers in threads, waiting with a deadline."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from messaging import Broker, Delivery, Message, Queue, Topology, Verdict

INTERVAL, TIME_TO_LIVE, LIMIT = 0.3, 0.6, 3

TOPOLOGY = Topology({queue.name: queue for queue in [
    Queue("plain", "tests", redelivery_interval=INTERVAL),
    Queue("work", "tests", "work.dlq", delivery_limit=LIMIT, redelivery_interval=INTERVAL),
    Queue("work.dlq", "tests"),
    Queue("brief", "tests", "brief.dlq", time_to_live=TIME_TO_LIVE),
    Queue("brief.dlq", "tests"),
]})


class VirtualTime:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)  # long past: a database whose own clock is asked has it due

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class RealTime:
    """The clock of a broker that keeps its own time: what passes is waited for."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def passes(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass
class Rig:
    """A broker under test, and its time."""

    broker: Broker
    time: VirtualTime | RealTime

    def publish(self, queue: str, *bodies: bytes) -> None:
        for body in bodies:
            self.broker.publish(queue, Message(body, message_id=body.decode()))

    def until(self, holds: Callable[[], object], step: float = INTERVAL) -> None:
        """Let time pass, step by step, until something holds: a verdict is carried out only after it was given."""
        eventually(lambda: holds() or self.time.passes(step))

    def bodies(self, queue: str) -> list[bytes]:
        return [message.body for message in self.broker.peek(queue, 100)]


@dataclass
class Consumption:
    """A consumer in a thread, and what it has seen."""

    verdict: Callable[[Delivery], Verdict]
    batches: list[list[Delivery]] = field(default_factory=list)

    def __call__(self, deliveries: Sequence[Delivery]) -> list[Verdict]:
        self.batches.append(list(deliveries))
        return [self.verdict(delivery) for delivery in deliveries]

    @property
    def seen(self) -> list[Delivery]:
        return [delivery for batch in self.batches for delivery in batch]

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.message.body for delivery in self.seen]


def always(verdict: Verdict) -> Callable[[Delivery], Verdict]:
    return lambda _delivery: verdict


@contextmanager
def consuming(
    broker: Broker,
    *queues: str,
    verdict: Callable[[Delivery], Verdict] | Verdict = Verdict.ACK,
    batch: int = 1,
    paused: Callable[[], bool] = lambda: False,
) -> Iterator[Consumption]:
    """Consume in a thread while the block runs."""
    consumption = Consumption(always(verdict) if isinstance(verdict, Verdict) else verdict)
    stop = Event()
    options = {"stop": stop, "batch": batch, "paused": paused}
    thread = Thread(target=broker.consume, args=(queues, consumption), kwargs=options)
    thread.start()
    try:
        yield consumption
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive(), "the consumer does not stop"


def eventually(holds: Callable[[], object], within: float = 15.0) -> None:
    """Wait until something holds; fails when it does not within `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def stays(holds: Callable[[], object], during: float = 0.15) -> None:
    """Check that something holds and goes on to hold for a while."""
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        assert holds()
        time.sleep(0.01)
