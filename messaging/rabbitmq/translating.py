"""Turn a message into what travels by AMQP, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messaging.broker import Refused
from messaging.message import Delivery, Message
from messaging.rabbitmq.laps import deliveries_before, without_laps
from messaging.rabbitmq.properties import Properties
from messaging.topology import Queue

PERSISTENT = 2
LARGEST_HEADERS = 120_000  # bytes; RabbitMQ takes the properties of a message in one frame of 131,072 only


def to_properties(message: Message, at: datetime, headers: Mapping[str, Any] | None = None) -> Properties:
    """Write the properties of a message, with other headers than its own where they are given.

    Raises:
        Refused: they cannot be written.
    """
    properties = Properties(
        content_type=message.content_type, message_id=message.message_id, delivery_mode=PERSISTENT,
        headers=dict(message.headers if headers is None else headers), timestamp=int(at.timestamp()),
    )
    try:
        size = sum(map(len, properties.encode()))
    except (TypeError, ValueError) as error:
        raise Refused(f"its properties cannot be written: {error}") from error
    except Exception as error:  # pika's own, for a text that is too long
        raise Refused(f"its properties cannot be written: {type(error).__name__}") from error
    if size > LARGEST_HEADERS:
        raise Refused(f"its properties take {size} bytes; {LARGEST_HEADERS} are the most")
    return properties


def to_message(properties: Properties, body: bytes) -> Message:
    """Read a message as its sender wrote it, plus what brokers wrote of its deaths."""
    return Message(body, _text(properties.message_id), _text(properties.content_type),
                   without_laps(properties.headers or {}))


def to_delivery(queue: Queue, method: Any, properties: Properties, body: bytes) -> Delivery:
    """Read a delivery; where no limit depends on it, returns to the queue are not counted: to look is one too."""
    count = 1 + deliveries_before(properties.headers or {}, queue.name, returns=queue.limit is not None)
    return Delivery(to_message(properties, body), queue.name, count, method.delivery_tag, method.redelivered)


def _text(value: str | bytes | None) -> str | None:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
