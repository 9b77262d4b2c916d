"""What happens regularly; each tick answers whether it found work, and losing one costs nothing."""

from datetime import datetime

from app.desk import Desk
from app.services import counting, heartbeat, housekeeping, rescue, returned, targets


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


def count(desk: Desk) -> bool:
    """Keep the metrics' totals."""
    return counting.count(desk)


def beat(desk: Desk, worker: str, started_at: datetime) -> bool:
    """Tell that this worker lives."""
    heartbeat.beat(desk, worker, started_at)
    return False
