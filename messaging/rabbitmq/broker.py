"""The broker at an amqp:// URL: what `Broker` promises, kept by quorum queues, confirms and acknowledgements."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from threading import Event

from messaging.broker import Handler, Unroutable
from messaging.message import Message
from messaging.rabbitmq import looking
from messaging.rabbitmq.caller import CALL_SECONDS, Caller
from messaging.rabbitmq.connection import Link, parameters
from messaging.rabbitmq.consumer import Consumer
from messaging.rabbitmq.declaring import ready
from messaging.rabbitmq.properties import Properties
from messaging.rabbitmq.settling import Settlement
from messaging.rabbitmq.translating import to_properties
from messaging.topology import Queue, Topology
from messaging.work import Work
from storage.clock import Clock, utcnow


class RabbitBroker:
    """A broker on RabbitMQ, for any number of threads and processes; connects when it is first used."""

    def __init__(
        self, url: str, topology: Topology, clock: Clock = utcnow, call_seconds: float = CALL_SECONDS
    ) -> None:
        """Prepare connections to `url`; no call but `consume` takes longer than `call_seconds`.

        Raises:
            ValueError: the URL cannot be read.
        """
        self.topology, self.clock = topology, clock
        # Two, since a broker short of memory stops reading from those who publish, whatever else they ask.
        self.publisher = Caller(self._opens(url, "publisher"), call_seconds)
        self.looker = Caller(self._opens(url, "looker"), call_seconds)
        self.connect_consumer = self._opens(url, "consumer")
        self.consumers: set[Consumer] = set()

    def publish(self, queue: str, message: Message) -> None:
        """Publish a message; returns when the broker has confirmed it."""
        self._check(queue)
        self._publish(queue, message.body, to_properties(message, self.clock()))

    def consume(
        self,
        queues: Sequence[str],
        handler: Handler,
        *,
        stop: Event,
        batch: int = 1,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """Deliver from `queues`, a batch of each in turn, until `stop` is set."""
        for queue in queues:
            self._check(queue)
        consumer = Consumer(
            self.connect_consumer, Settlement(self._publish, self.clock), Work(queues, handler, stop, batch, paused)
        )
        self.consumers.add(consumer)
        try:
            consumer.run()
        finally:
            self.consumers.discard(consumer)

    def depth(self, queue: str) -> int:
        """Count what lies ready or waits for its retry, and what consumers of this process hold.

        What other processes hold unacknowledged, RabbitMQ tells by its management plugin alone.
        """
        policy = self._check(queue)
        held = sum(consumer.held(queue) for consumer in tuple(self.consumers))
        return held + self.looker.call(lambda link: ready(link.connection, policy))

    def oldest(self, queue: str) -> datetime | None:
        """Tell since when the first message is there, to the second; None where looking would count as delivering."""
        return self.looker.call(partial(looking.oldest, queue=self._check(queue)))

    def peek(self, queue: str, limit: int) -> list[Message]:
        """Read the first messages of a queue; none where looking would count as delivering."""
        return self.looker.call(partial(looking.peek, queue=self._check(queue), limit=limit))

    def ping(self) -> None:
        """Raise BrokerUnavailable when the broker does not answer, or has a queue that differs."""
        self.looker.call(self._ping)

    def close(self) -> None:
        """Close the connections."""
        self.publisher.close()
        self.looker.close()

    def _ping(self, link: Link) -> None:
        link.declare()
        link.require(self.topology.queues)

    def _publish(self, queue: str, body: bytes, properties: Properties) -> None:
        self.publisher.call(lambda link: link.publish(queue, body, properties))

    def _opens(self, url: str, role: str) -> Callable[[], Link]:
        return partial(Link, parameters(url, role), self.topology)

    def _check(self, queue: str) -> Queue:
        if queue not in self.topology:
            raise Unroutable(f"there is no queue {queue!r}")
        return self.topology[queue]
