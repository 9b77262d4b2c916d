"""Make deliveries as a broker would hand them over."""

from datetime import UTC, datetime
from typing import Any

from messaging import FAILURE_ATTEMPT, FAILURE_ID, Delivery, Message
from messaging.deaths import with_death

STATUS_BODY = b'{"operationId": "op-9", "orderId": "536365", "clientId": 17850, "from": "reserved", "to": "paid"}'
DIED_AT = datetime(2026, 11, 22, 8, 59, tzinfo=UTC)
DEAD = "orders.status.dlq"


def delivery(body: bytes, queue: str = "failures.intake", *, deliveries: int = 1, **message: Any) -> Delivery:
    """Return one hand-over of a message."""
    return Delivery(Message(body, **{"message_id": "m-1"} | message), queue, deliveries, None)


def dead(
    body: bytes = STATUS_BODY, *, reason: str = "expired", queue: str = DEAD, at: datetime = DIED_AT,
    headers: dict[str, Any] | None = None, deliveries: int = 1, **message: Any,
) -> Delivery:
    """Return one hand-over of a dead letter, with the death that its broker wrote."""
    died = with_death(headers or {}, queue.removesuffix(".dlq"), reason, at)
    return delivery(body, queue, deliveries=deliveries, headers=died, **message)


def returned(failure_id: str, attempt: int, **options: Any) -> Delivery:
    """Return a message that was sent again and came back to its dead-letter queue."""
    return dead(headers={FAILURE_ID: failure_id, FAILURE_ATTEMPT: attempt}, **options)
