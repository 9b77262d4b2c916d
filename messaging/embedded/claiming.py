"""Hand messages over: a lease on each, and a fence that tells one hand-over from the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update

from messaging.embedded.dying import dead_letter
from messaging.embedded.schema import messages, to_message
from messaging.message import Delivery
from messaging.topology import Topology
from storage import Store


@dataclass(frozen=True)
class Tag:
    """Which hand-over this was: the row, and its fence, which every hand-over raises."""

    id: int
    fence: int


# Without the fence, who held a message before could settle it while another works on it.
OURS = (messages.c.id == bindparam("of_id")) & (messages.c.fence == bindparam("of_fence")) & messages.c.leased


class Claims:
    """Hands messages out; `lease` is how long a silent holder keeps them."""

    def __init__(self, store: Store, topology: Topology, lease: timedelta) -> None:
        self.store, self.topology, self.lease = store, topology, lease

    def next(self, queue: str) -> datetime | None:
        """Tell when a message of the queue may be handed over next; None when it is empty."""
        with self.store.read() as session:
            moment: datetime | None = session.scalar(_next(queue))
            return moment

    def claim(self, queue: str, limit: int) -> list[Delivery]:
        """Lease up to `limit` ready messages, first come first served."""
        if not self._is_ready(queue):
            return []  # most polls end here, without the write lock
        with self.store.connect() as connection:
            now, policy = self.store.now(connection), self.topology[queue]
            rows = connection.execute(_ready(queue, limit, now)).all()
            # Spent, yet ready: its last holder died with it.
            spent = [row for row in rows if policy.is_spent(row.deliveries)]
            dead_letter(connection, self.topology, spent, "delivery_limit", now)
            fresh = [row for row in rows if not policy.is_spent(row.deliveries)]
            self._lease(connection, fresh, now)
        return [_delivery(row) for row in fresh]

    def renew(self, deliveries: Sequence[Delivery]) -> None:
        """Start the leases of deliveries anew, where they are still ours."""
        with self.store.connect() as connection:
            later = update(messages).where(OURS).values(visible_at=self.store.now(connection) + self.lease)
            connection.execute(later, tags(deliveries))

    def _is_ready(self, queue: str) -> bool:
        with self.store.read() as session:
            ready_at = session.scalar(_next(queue))
            return ready_at is not None and ready_at <= self.store.now(session)

    def _lease(self, connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> None:
        taken = messages.c.id.in_([row.id for row in rows])
        connection.execute(update(messages).where(taken).values(
            leased=True, visible_at=now + self.lease,
            deliveries=messages.c.deliveries + 1, fence=messages.c.fence + 1,
        ))


def tags(deliveries: Sequence[Delivery]) -> list[dict[str, int]]:
    """Return the values that `OURS` is bound to, one set for each delivery."""
    return [{"of_id": delivery.tag.id, "of_fence": delivery.tag.fence} for delivery in deliveries]


def _next(queue: str) -> Select[Any]:
    of_queue = select(messages.c.visible_at).where(messages.c.queue == queue)
    return of_queue.order_by(messages.c.visible_at).limit(1)


def _ready(queue: str, limit: int, now: datetime) -> Select[Any]:
    unexpired = or_(messages.c.expires_at.is_(None), messages.c.expires_at > now)
    ready = select(messages).where(messages.c.queue == queue, messages.c.visible_at <= now, unexpired)
    in_order = ready.order_by(messages.c.visible_at, messages.c.id).limit(limit)
    return in_order.with_for_update(skip_locked=True)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(to_message(row), row.queue, row.deliveries + 1, Tag(row.id, row.fence + 1))
