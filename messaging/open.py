"""Open the broker that the settings name."""

from messaging.broker import Broker
from messaging.embedded import EmbeddedBroker
from messaging.rabbitmq import RabbitBroker
from messaging.topology import Topology
from storage.clock import Clock, utcnow

EMBEDDED = "embedded"


def open_broker(url: str, queue_database_url: str, topology: Topology, clock: Clock | None = None) -> Broker:
    """Return the broker at `url`: `embedded` (tables in the database at `queue_database_url`) or `amqp://…`.

    Raises:
        ValueError: there is no such broker.
    """
    if url == EMBEDDED:
        return EmbeddedBroker(queue_database_url, topology, clock)
    if not url.startswith(("amqp://", "amqps://")):
        raise ValueError("DLO_BROKER_URL must be `embedded` or begin with amqp://")
    try:
        return RabbitBroker(url, topology, clock or utcnow)
    except ValueError as error:
        raise ValueError(f"DLO_BROKER_URL cannot be read: {error}") from error
