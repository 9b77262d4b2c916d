"""Look at a queue without changing it, as far as RabbitMQ can be looked at."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from messaging.deaths import newest_death
from messaging.message import Message
from messaging.rabbitmq.connection import Link
from messaging.rabbitmq.declaring import declarations, ready, server_version
from messaging.rabbitmq.properties import Properties
from messaging.rabbitmq.translating import to_message
from messaging.topology import Queue

MOST_SEEN = 1_000  # no look may empty a queue into this process
QUIET_SECONDS = 0.5

Seen = tuple[Properties, bytes]


def peek(link: Link, queue: Queue, limit: int) -> list[Message]:
    """Read the first messages of a queue, then those that wait for their retry.

    From a queue with a delivery limit nothing is read: each look counts there, and some looks would dead-letter.
    """
    return [to_message(properties, body) for properties, body in _look(link, queue, limit)]


def oldest(link: Link, queue: Queue) -> datetime | None:
    """Tell when the first message of a queue died or was published; None where nobody knows."""
    for properties, body in _look(link, queue, 1):
        death = newest_death(to_message(properties, body).headers)
        return death.time if death and queue.is_dead_letter_queue else _published_at(properties)
    return None


def _look(link: Link, queue: Queue, limit: int) -> list[Seen]:
    if queue.limit is not None:
        return []
    seen: list[Seen] = []
    for name, _arguments in declarations(queue, server_version(link.connection)):
        seen += _look_at(link, queue, name, limit - len(seen))
    return seen


def _look_at(link: Link, queue: Queue, name: str, limit: int) -> list[Seen]:
    before = ready(link.connection, queue)
    channel = link.connection.channel()
    try:
        return _take(link, channel, name, limit)
    finally:
        # What one consumer holds goes back to the head, in its order. A nack would put it to the end, and each
        # `basic.get` is a consumer of its own, whose messages come back in any order (measured on 3.10.8).
        channel.close()
        _wait_until(lambda: ready(link.connection, queue) >= before)


def _take(link: Link, channel: BlockingChannel, name: str, limit: int) -> list[Seen]:
    count = channel.queue_declare(name, passive=True).method.message_count
    wanted, taken = min(limit, count, MOST_SEEN), []

    def keep(_channel: Any, _method: Any, properties: Properties, body: bytes) -> None:
        taken.append((properties, body))

    if wanted > 0:
        channel.basic_qos(prefetch_count=wanted)
        channel.basic_consume(name, keep)
        _wait_until(lambda: len(taken) == wanted, lambda: link.process(0.05))  # a consumer may have been faster
    return taken


def _published_at(properties: Properties) -> datetime | None:
    try:
        return datetime.fromtimestamp(properties.timestamp, UTC) if properties.timestamp else None
    except (ValueError, OverflowError, OSError):  # a sender may write anything
        return None


def _wait_until(holds: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + QUIET_SECONDS
    while not holds() and time.monotonic() < deadline:
        meanwhile()
