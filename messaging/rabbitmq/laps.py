"""A lap through the companion queue that delays a redelivery, and how a message comes out of it unchanged.

A quorum queue cannot delay. So a copy waits in `<queue>.retry` until it expires back into its queue. The copy has a
header of its own: the count of deliveries, and what brokers had written of earlier deaths, set aside: RabbitMQ
drops a message without a word when it expires in a circle, and a lap is no death.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from messaging.deaths import LARGEST, X_DEATH, newest_death, with_death, without_death

COMPANION = ".retry"
LAP = "x-dlo-lap"
RETURNS = "x-delivery-count"


def lap(headers: Mapping[str, Any], queue: str, deliveries: int) -> dict[str, Any]:
    """Return the headers of a copy that was delivered so often from a queue, and is to wait."""
    kept = without_death(headers)
    earlier = {name: value for name, value in headers.items() if name not in kept}
    return {**kept, LAP: {"queue": queue, "deliveries": deliveries, "earlier": earlier}}


def deliveries_before(headers: Mapping[str, Any], queue: str, *, returns: bool) -> int:
    """Count how often a queue handed a message over before; with `returns`, also when its holder died."""
    last = _lap(headers)
    laps = _count(last.get("deliveries")) if last.get("queue") == queue else 0
    return laps + (_count(headers.get(RETURNS)) if returns else 0)


def without_laps(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers as if the message had never been in a companion queue."""
    if LAP not in headers:
        return {name: value for name, value in headers.items() if name != RETURNS}
    earlier = _lap(headers).get("earlier")
    restored = {
        **{name: value for name, value in without_death(headers).items() if name != LAP},
        **(earlier if isinstance(earlier, dict) else {}),
    }
    for entry in reversed(_entries(headers)):
        death = newest_death({X_DEATH: [entry]})
        if death and not death.queue.endswith(COMPANION):
            restored = with_death(restored, death.queue, death.reason, death.time or datetime.now(UTC))
    return restored


def _lap(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    last = headers.get(LAP)
    return last if isinstance(last, dict) else {}


def _entries(headers: Mapping[str, Any]) -> list[Any]:
    entries = headers.get(X_DEATH)
    return entries if isinstance(entries, list) else []


def _count(value: object) -> int:
    # Anybody can write a header; a count beyond what a queue can count is none.
    return value if type(value) is int and 0 < value < LARGEST else 0
