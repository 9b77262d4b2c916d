"""The topology as quorum queues: declared at every connection, so that a deleted queue is there again."""

from typing import Any

from pika.adapters.blocking_connection import BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from messaging.broker import QueueDiffers
from messaging.rabbitmq.errors import PRECONDITION_FAILED, difference
from messaging.rabbitmq.laps import COMPANION
from messaging.topology import Queue, Topology

LIMITED_BY_DEFAULT = 4  # the version from which a queue that says nothing drops what was returned 20 times
NO_LIMIT = -1

Declaration = tuple[str, dict[str, Any]]


def declare(connection: BlockingConnection, topology: Topology) -> dict[str, QueueDiffers]:
    """Declare every queue with its companion; answers those that are there with other arguments, by name."""
    differing = {}
    for queue in sorted(topology.queues.values(), key=lambda queue: not queue.is_dead_letter_queue):
        try:
            ready(connection, queue)
        except QueueDiffers as error:
            differing[queue.name] = error
    return differing


def ready(connection: BlockingConnection, queue: Queue) -> int:
    """Declare a queue and its companion, and count what lies ready in both. Raises QueueDiffers."""
    return sum(_declare(connection, *one) for one in declarations(queue, server_version(connection)))


def declarations(queue: Queue, version: int) -> list[Declaration]:
    """Return names and arguments of a queue and of the companion in which its retries wait."""
    return [(queue.name, _arguments(queue, version)), (queue.name + COMPANION, _waiting_for(queue))]


def server_version(connection: BlockingConnection) -> int:
    """Return the server's major version; only pika's inner object keeps what the server said of itself."""
    said = connection._impl.server_properties.get("version", "")
    major = str(said).partition(".")[0]
    return int(major) if major.isdigit() else LIMITED_BY_DEFAULT


def _declare(connection: BlockingConnection, name: str, arguments: dict[str, Any]) -> int:
    channel = connection.channel()  # of its own: a refusal closes it
    try:
        depth: int = channel.queue_declare(name, durable=True, arguments=arguments).method.message_count
    except ChannelClosedByBroker as error:
        if error.reply_code == PRECONDITION_FAILED:
            raise difference(name, error) from error
        raise
    channel.close()
    return depth


def _arguments(queue: Queue, version: int) -> dict[str, Any]:
    arguments = _safe()
    if queue.dead_letters_to is not None:
        arguments |= _dead_lettering_to(queue.dead_letters_to)
        if queue.time_to_live is not None:
            arguments["x-message-ttl"] = _milliseconds(queue.time_to_live)
    if queue.limit is not None:
        arguments["x-delivery-limit"] = queue.limit - 1  # it counts returns, not deliveries
    elif version >= LIMITED_BY_DEFAULT:
        arguments["x-delivery-limit"] = NO_LIMIT
    return arguments


def _waiting_for(queue: Queue) -> dict[str, Any]:
    return _safe() | _dead_lettering_to(queue.name) | {"x-message-ttl": _milliseconds(queue.redelivery_interval)}


def _safe() -> dict[str, Any]:
    # At-least-once dead-lettering works only together with `reject-publish`; otherwise it is dropped in silence.
    return {
        "x-queue-type": "quorum", "x-overflow": "reject-publish", "x-dead-letter-strategy": "at-least-once",
    }


def _dead_lettering_to(name: str) -> dict[str, Any]:
    return {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": name}


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)
