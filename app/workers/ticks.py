"""What happens regularly; each tick answers whether it found work, and losing one costs nothing."""

from app.desk import Desk
from app.services import housekeeping, rescue, returned, targets


def rescue_lost(desk: Desk) -> bool:
    """Take over failures whose worker died, and messages that nobody confirmed."""
    lost = rescue.rescue(desk)
    unconfirmed = returned.give_up_waiting(desk)
    return lost or unconfirmed


def probe(desk: Desk) -> bool:
    """Ask targets whose breaker is open whether they are back."""
    return targets.probe_due(desk)


def prune(desk: Desk) -> bool:
    """Remove what nobody needs any more."""
    return housekeeping.prune(desk)
