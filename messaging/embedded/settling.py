"""Take the verdicts on delivered messages back; who lost the lease meanwhile changes nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_, update

from messaging.embedded.claiming import OURS, tags
from messaging.embedded.dying import dead_letter
from messaging.embedded.schema import messages
from messaging.message import Delivery, Verdict
from messaging.topology import Queue, Topology
from storage import Store


class Settlement:
    """Carries verdicts out, those of one batch in one transaction."""

    def __init__(self, store: Store, topology: Topology) -> None:
        self.store, self.topology = store, topology

    def settle(self, deliveries: Sequence[Delivery], verdicts: Sequence[Verdict]) -> int:
        """Carry out one verdict for each delivery of one queue; tells how many of them came in time."""
        chosen: dict[Verdict, list[Delivery]] = {}
        for delivery, verdict in zip(deliveries, verdicts, strict=True):
            chosen.setdefault(verdict, []).append(delivery)
        with self.store.connect() as connection:
            return sum(self._carry_out(connection, *choice) for choice in chosen.items())

    def _carry_out(self, connection: Connection, verdict: Verdict, deliveries: list[Delivery]) -> int:
        match verdict:
            case Verdict.ACK:
                return connection.execute(delete(messages).where(OURS), tags(deliveries)).rowcount
            case Verdict.RELEASE:
                return self._release(connection, deliveries)
            case Verdict.RETRY:
                return self._retry(connection, deliveries)
            case Verdict.REJECT:
                return self._reject(connection, deliveries)

    def _release(self, connection: Connection, deliveries: list[Delivery]) -> int:
        uncounted, its_place = messages.c.deliveries - 1, messages.c.enqueued_at
        return _put_back(connection, deliveries, {"deliveries": uncounted, "visible_at": its_place})

    def _retry(self, connection: Connection, deliveries: list[Delivery]) -> int:
        queue = self._queue(deliveries)
        spent = [delivery for delivery in deliveries if queue.is_spent(delivery.deliveries)]
        again = [delivery for delivery in deliveries if not queue.is_spent(delivery.deliveries)]
        return self._bury(connection, spent, "delivery_limit") + self._delay(connection, again)

    def _reject(self, connection: Connection, deliveries: list[Delivery]) -> int:
        if self._queue(deliveries).dead_letters_to is None:
            return self._delay(connection, deliveries)  # nowhere to put it, and nothing is ever dropped
        return self._bury(connection, deliveries, "rejected")

    def _bury(self, connection: Connection, deliveries: list[Delivery], reason: str) -> int:
        held = tuple_(messages.c.id, messages.c.fence).in_([(d.tag.id, d.tag.fence) for d in deliveries])
        rows = select(messages).where(held, messages.c.leased).order_by(messages.c.id).with_for_update()
        ours = connection.execute(rows).all() if deliveries else []
        dead_letter(connection, self.topology, ours, reason, self.store.now(connection))
        return len(ours)

    def _delay(self, connection: Connection, deliveries: list[Delivery]) -> int:
        if not deliveries:
            return 0
        interval = timedelta(seconds=self._queue(deliveries).redelivery_interval)
        return _put_back(connection, deliveries, {"visible_at": self.store.now(connection) + interval})

    def _queue(self, deliveries: list[Delivery]) -> Queue:
        return self.topology[deliveries[0].queue]


def _put_back(connection: Connection, deliveries: list[Delivery], values: dict[str, Any]) -> int:
    back = update(messages).where(OURS).values(leased=False, **values)
    return connection.execute(back, tags(deliveries)).rowcount
