"""How far an order has come, for a picture: what lies behind it, where it stands, what is still to come."""

from dataclasses import dataclass
from enum import StrEnum

STEPS = ("placed", "reserved", "paid", "shipping", "delivered")
_STANDS_AT = {"approved": "placed"}


class Place(StrEnum):
    """Where a step lies, seen from the order."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Step:
    """One step of an order's way."""

    name: str
    place: Place


def way_of(status: str | None) -> list[Step]:
    """Return every step of an order's way; nothing for an order that is cancelled or of unknown status."""
    standing = _STANDS_AT.get(status or "", status)
    if standing not in STEPS:
        return []
    now = STEPS.index(standing)
    return [Step(name, _place(number - now)) for number, name in enumerate(STEPS)]


def _place(distance: int) -> Place:
    if distance == 0:
        return Place.NOW
    return Place.DONE if distance < 0 else Place.AHEAD
