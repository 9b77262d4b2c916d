"""How many messages wait in each queue, for the metrics: asked once, and no further when the broker is away."""

from app.desk import Desk
from messaging import MessagingError


def depths(desk: Desk) -> dict[str, int] | None:
    """Return each queue's depth; None when the broker is away."""
    try:
        return {name: desk.broker.depth(name) for name in desk.topology.queues}
    except MessagingError:
        return None
