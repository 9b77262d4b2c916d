"""A connection to RabbitMQ, with the limits that keep it from hanging."""

import logging
from collections.abc import Iterable
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, UnroutableError

from messaging.broker import QueueDiffers
from messaging.rabbitmq.declaring import declare
from messaging.rabbitmq.properties import Properties
from messaging.topology import Topology

log = logging.getLogger(__name__)

# Without these a frozen or alarmed broker holds a call for ever; seconds. The URL may set others. The heartbeat is also
# what a lease is elsewhere: after two of them the broker gives what a frozen consumer holds to another.
LIMITS = {"heartbeat": 10, "blocked_connection_timeout": 10, "socket_timeout": 5, "stack_timeout": 15}

# All that pika logs it raises as well, and it is logged once where it is caught.
logging.getLogger("pika").setLevel(logging.CRITICAL)


def parameters(url: str, role: str) -> pika.URLParameters:
    """Read a broker's URL. Raises ValueError where it cannot be read."""
    read = pika.URLParameters(url)
    for name in LIMITS.keys() - parse_qs(urlsplit(url).query).keys():
        setattr(read, name, LIMITS[name])
    read.client_properties = {"connection_name": f"dead letter office, {role}"}
    return read


class Link:
    """A connection that belongs to the thread which opened it, with the topology declared; raises pika's errors."""

    def __init__(self, where: pika.URLParameters, topology: Topology) -> None:
        self.topology = topology
        self.differing: dict[str, QueueDiffers] = {}
        self.publishing: BlockingChannel | None = None
        self.connection = pika.BlockingConnection(where)
        try:
            self.declare()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def declare(self) -> None:
        """Declare the topology; a queue that differs is logged, and refused when it is used."""
        known, self.differing = self.differing, declare(self.connection, self.topology)
        for name in self.differing.keys() - known.keys():
            log.error("%s", self.differing[name])

    def require(self, queues: Iterable[str]) -> None:
        """Raise QueueDiffers when one of the queues is there with other arguments than it should have."""
        wanted = set(queues)
        if wanted & self.differing.keys():
            self.declare()
        for name in wanted & self.differing.keys():
            raise self.differing[name]

    def publish(self, queue: str, body: bytes, properties: Properties) -> None:
        """Publish to a queue and wait for the confirmation; a queue that was deleted is declared again."""
        self.require([queue])
        try:
            self._publish(queue, body, properties)
        except UnroutableError:
            self.declare()
            self._publish(queue, body, properties)

    def process(self, seconds: float) -> None:
        """Serve the connection until something happens, for so long at most."""
        self.connection.process_data_events(seconds)

    def wake(self) -> None:
        """End a `process` that waits; the one call that another thread may make."""
        try:
            self.connection.add_callback_threadsafe(_nothing)
        except AMQPError as error:
            log.debug("there is nothing to wake: %r", error)  # the connection is lost, and so its waiting over

    def close(self) -> None:
        """Close the connection; what was not acknowledged goes back to its queue."""
        if self.connection.is_open:
            try:
                self.connection.close()
            except (AMQPError, OSError) as error:
                log.info("a connection was gone before it was closed: %r", error)

    def _publish(self, queue: str, body: bytes, properties: Properties) -> None:
        # Without `mandatory` a message to a queue that is not there counts as delivered.
        self._channel().basic_publish("", queue, body, properties, mandatory=True)

    def _channel(self) -> Any:
        if self.publishing is None or not self.publishing.is_open:
            self.publishing = self.connection.channel()
            self.publishing.confirm_delivery()
        return self.publishing


def _nothing() -> None:
    pass
