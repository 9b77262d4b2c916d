"""Move messages to their dead-letter queue: what is expired, rejected or delivered too often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, insert, not_, select

from messaging.deaths import with_death
from messaging.embedded.schema import messages, to_message, to_row
from messaging.topology import Topology
from storage import Store

SWEEP = 200


def dead_letter(
    connection: Connection, topology: Topology, rows: Sequence[Row[Any]], reason: str, now: datetime
) -> None:
    """Move rows that the caller has locked; they leave and arrive in the caller's one transaction."""
    arrivals = []
    for place, row in enumerate(rows):
        # Bodies without a message id are told apart by the moment of death: no two share one here.
        died_at = now + timedelta(microseconds=place)
        message = to_message(row)
        message = replace(message, headers=with_death(message.headers, row.queue, reason, died_at))
        arrivals.append(to_row(str(topology[row.queue].dead_letters_to), message, now))
    if arrivals:
        connection.execute(insert(messages), arrivals)
        connection.execute(delete(messages).where(messages.c.id.in_([row.id for row in rows])))


class Expiry:
    """Sweeps what outlived its queue's time to live, for every queue, whoever consumes it."""

    def __init__(self, store: Store, topology: Topology) -> None:
        self.store, self.topology = store, topology
        self.queues = [name for name, queue in topology.queues.items() if queue.time_to_live is not None]

    def sweep(self) -> None:
        """Dead-letter all that is expired now."""
        for queue in self.queues:
            while self._is_due(queue) and self._sweep_some(queue):
                pass

    def next(self) -> datetime | None:
        """Tell when the next message expires, as things stand; None when none will."""
        moments = [self._next(queue)[0] for queue in self.queues]
        return min((moment for moment in moments if moment is not None), default=None)

    def _next(self, queue: str) -> tuple[datetime | None, datetime]:
        with self.store.read() as session:
            now = self.store.now(session)
            waiting = select(messages.c.expires_at).where(*_waiting(queue, now))
            return session.scalar(waiting.order_by(messages.c.expires_at).limit(1)), now

    def _is_due(self, queue: str) -> bool:
        moment, now = self._next(queue)
        return moment is not None and moment <= now

    def _sweep_some(self, queue: str) -> int:
        with self.store.connect() as connection:
            now = self.store.now(connection)
            rows = connection.execute(_expired(queue, now)).all()
            dead_letter(connection, self.topology, rows, "expired", now)
            return len(rows)


def _expired(queue: str, now: datetime) -> Select[Any]:
    expired = select(messages).where(*_waiting(queue, now), messages.c.expires_at <= now)
    in_order = expired.order_by(messages.c.expires_at, messages.c.id).limit(SWEEP)
    return in_order.with_for_update(skip_locked=True)


def _waiting(queue: str, now: datetime) -> list[ColumnElement[bool]]:
    # What a consumer holds does not expire, unless the lease has run out.
    held = and_(messages.c.leased, messages.c.visible_at > now)
    return [messages.c.queue == queue, messages.c.expires_at.is_not(None), not_(held)]
