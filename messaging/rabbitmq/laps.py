"""A lap through the companion queue that delays a redelivery, and how a message comes out of it unchanged.

A quorum queue cannot delay. So a copy waits in `<queue>.retry` until it expires back into its queue. The copy has
headers of its own: the count of deliveries, and what brokers had written of earlier deaths, set aside: RabbitMQ
drops a message without a word when it expires in a circle, and a lap is no death.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from messaging.deaths import LARGEST, X_DEATH, newest_death, with_death, without_death

COMPANION = ".retry"
DELIVERIES = "x-dlo-deliveries"
EARLIER = "x-dlo-earlier-deaths"
OF_THE_QUEUE = "x-delivery-count"


def lap(headers: Mapping[str, Any], deliveries: int) -> dict[str, Any]:
    """Return the headers of a copy that was delivered so often and is to wait."""
    kept = without_death(headers)
    earlier = {name: value for name, value in headers.items() if name not in kept}
    return {**kept, DELIVERIES: deliveries, **({EARLIER: earlier} if earlier else {})}


def deliveries_before(headers: Mapping[str, Any], *, returns: bool) -> int:
    """Count how often a message was handed over before; with `returns`, also when its holder died."""
    return _count(headers.get(DELIVERIES)) + (_count(headers.get(OF_THE_QUEUE)) if returns else 0)


def without_laps(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers as if the message had never been in a companion queue."""
    if DELIVERIES not in headers:
        return {name: value for name, value in headers.items() if name != OF_THE_QUEUE}
    earlier = headers.get(EARLIER)
    restored = {
        **{name: value for name, value in without_death(headers).items() if name not in (DELIVERIES, EARLIER)},
        **(earlier if isinstance(earlier, dict) else {}),
    }
    for entry in reversed(_entries(headers)):
        death = newest_death({X_DEATH: [entry]})
        if death and not death.queue.endswith(COMPANION):
            restored = with_death(restored, death.queue, death.reason, death.time or datetime.now(UTC))
    return restored


def _entries(headers: Mapping[str, Any]) -> list[Any]:
    entries = headers.get(X_DEATH)
    return entries if isinstance(entries, list) else []


def _count(value: object) -> int:
    # Anybody can write a header; a count beyond what a queue can count is none.
    return value if type(value) is int and 0 < value < LARGEST else 0
