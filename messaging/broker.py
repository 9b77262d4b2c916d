"""What every broker can do. Two implementations: `embedded` (SQL tables) and `rabbitmq` (pika)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from typing import Protocol

from messaging.message import Delivery, Message, Verdict

Handler = Callable[[Sequence[Delivery]], Sequence[Verdict]]
"""Takes a batch (1 to `batch` deliveries of one queue) and answers one verdict for each, in order."""


class MessagingError(Exception):
    """The broker did not do what it was asked."""


class BrokerUnavailable(MessagingError):
    """The broker cannot be reached, or did not confirm in time: the message may or may not be there."""


class QueueDiffers(BrokerUnavailable):
    """A queue of this name is there, with other properties than it should have: somebody must remove it."""


class Unroutable(MessagingError):
    """There is no such queue."""


class Refused(MessagingError):
    """The broker answered that it does not take the message (the queue is full, say)."""


class Broker(Protocol):
    """Publish with a confirmation, consume with acknowledgement, look without taking."""

    def publish(self, queue: str, message: Message) -> None:
        """Hand a message over; returns only when the broker has stored it.

        Raises:
            Unroutable, Refused: it is not stored.
            BrokerUnavailable: it may be stored; publish again with the same `message_id`.
        """

    def consume(
        self,
        queues: Sequence[str],
        handler: Handler,
        *,
        stop: Event,
        batch: int = 1,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """Deliver from `queues` to `handler` until `stop` is set; whatever fails later, it reconnects by itself.

        An exception of the handler counts as RETRY for the whole batch. While `paused()` is true nothing is
        taken and what is unacknowledged goes back, as when a consumer is cancelled.

        Raises:
            Unroutable: at once, when a queue is not in the topology.
        """

    def depth(self, queue: str) -> int:
        """Count the messages in a queue, delivered and unacknowledged ones too. Raises as `publish` does.

        RabbitMQ tells nothing of what other processes hold unacknowledged.
        """

    def oldest(self, queue: str) -> datetime | None:
        """Tell when the oldest message of a queue was put there; None when it is empty or unknown."""

    def peek(self, queue: str, limit: int) -> list[Message]:
        """Read the first messages of a queue; neither order, depth nor delivery counts change.

        Empty where that cannot be had: RabbitMQ counts a look at a queue with a delivery limit as a delivery.
        """

    def ping(self) -> None:
        """Raise BrokerUnavailable when the broker cannot be reached."""

    def close(self) -> None:
        """Give back connections."""
