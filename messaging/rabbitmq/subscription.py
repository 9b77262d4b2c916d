"""One queue of a consumer: its channel, and what it holds unacknowledged."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from pika.adapters.blocking_connection import BlockingConnection

from messaging.message import Delivery
from messaging.rabbitmq.properties import Properties
from messaging.rabbitmq.translating import to_delivery
from messaging.topology import Queue

MOST_HELD = 100


class Subscription:
    """Takes deliveries as they come; a channel of its own, so that a whole batch is acknowledged by its last one."""

    def __init__(self, connection: BlockingConnection, queue: Queue, batch: int) -> None:
        self.queue, self.batch = queue, min(batch, MOST_HELD)
        self.waiting: deque[Delivery] = deque()
        self.taken: Sequence[Delivery] = ()
        self.cancelled = False
        self.channel = connection.channel()
        # No more than one batch: what is only held in advance would count as delivered when this process is killed.
        self.channel.basic_qos(prefetch_count=self.batch)
        self.channel.add_on_cancel_callback(self._on_cancel)
        self.consumer = self.channel.basic_consume(queue.name, self._on_message)

    @property
    def held(self) -> int:
        """Count what is unacknowledged here."""
        return len(self.waiting) + len(self.taken)

    def take(self) -> Sequence[Delivery]:
        """Return all that waits, oldest first; it counts as held until `give_back`."""
        self.taken = tuple(self.waiting)
        self.waiting.clear()
        return self.taken

    def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Put what was taken and is not settled before all else; the rest is settled."""
        self.waiting.extendleft(reversed(deliveries))
        self.taken = ()

    def cancel(self) -> None:
        """Ask for no more deliveries; those held stay."""
        self.channel.basic_cancel(self.consumer)

    def close(self) -> None:
        """Give everything unacknowledged back to the queue, in its order."""
        if self.channel.is_open:
            self.channel.close()

    def _on_message(self, _channel: Any, method: Any, properties: Properties, body: bytes) -> None:
        self.waiting.append(to_delivery(self.queue, method, properties, body))

    def _on_cancel(self, _method: Any) -> None:
        self.cancelled = True
