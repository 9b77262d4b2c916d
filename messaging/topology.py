"""The queues of the shop and of the desk: named once, for every process and both brokers."""

from dataclasses import dataclass, replace

DEAD = ".dlq"
INTAKE = "failures.intake"
CONFIRMATIONS = "failures.confirmations"
STATUS = "orders.status"
ORDER_CREATED = "inventory.order-created"


@dataclass(frozen=True)
class Queue:
    """A queue and its policy; times in seconds, already multiplied by the retry scale."""

    name: str
    producer: str
    dead_letters_to: str | None = None
    time_to_live: float | None = None
    delivery_limit: int | None = None
    redelivery_interval: float = 0.0
    consumer: str = "desk"

    @property
    def is_dead_letter_queue(self) -> bool:
        return self.name.endswith(DEAD)

    @property
    def limit(self) -> int | None:
        """Return how often a message is delivered at most; None without a dead-letter queue to put it into."""
        return None if self.dead_letters_to is None else self.delivery_limit

    def is_spent(self, deliveries: int) -> bool:
        """Tell whether a message was delivered as often as allowed."""
        return self.limit is not None and deliveries >= self.limit


@dataclass(frozen=True)
class Topology:
    """All queues, by name."""

    queues: dict[str, Queue]

    def __contains__(self, name: object) -> bool:
        return name in self.queues

    def __getitem__(self, name: str) -> Queue:
        return self.queues[name]

    @property
    def dead_letter_queues(self) -> list[str]:
        return [name for name, queue in self.queues.items() if queue.is_dead_letter_queue]

    def origin(self, dead_letter_queue: str) -> Queue:
        """Return the queue that dead-letters into the one named."""
        return next(queue for queue in self.queues.values() if queue.dead_letters_to == dead_letter_queue)


def shop_topology(retry_scale: float = 1.0) -> Topology:
    """Return the queues of the contract, their times multiplied by `retry_scale`."""
    interval = 2.0 * retry_scale
    work = [
        Queue(STATUS, "payments", STATUS + DEAD, time_to_live=30.0 * retry_scale, delivery_limit=5,
              redelivery_interval=interval, consumer="orders"),
        Queue(ORDER_CREATED, "orders", ORDER_CREATED + DEAD, delivery_limit=5, redelivery_interval=interval,
              consumer="inventory"),
    ]
    dead = [
        Queue(queue.dead_letters_to, queue.producer, redelivery_interval=1.0) for queue in work if queue.dead_letters_to
    ]
    # Reports are stored whatever they hold, so these two need neither a limit nor a dead-letter queue.
    own = [Queue(name, "services", redelivery_interval=1.0) for name in (INTAKE, CONFIRMATIONS)]
    return Topology({queue.name: queue for queue in [*work, *dead, *own]})


def with_queue(topology: Topology, queue: Queue) -> Topology:
    """Return the topology with one queue added or replaced (tests and other shops)."""
    return replace(topology, queues={**topology.queues, queue.name: queue})
