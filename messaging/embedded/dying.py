"""Move messages to their dead-letter queue: what is expired, rejected or delivered too often."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, not_, select

from messaging.clock import Clock
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

    def __init__(self, store: Store, topology: Topology, clock: Clock) -> None:
        self.store, self.topology, self.clock = store, topology, clock
        self.mortal = [name for name, queue in topology.queues.items() if queue.dead_letters_to]

    def sweep(self) -> bool:
        """Dead-letter all that is expired now; tells whether there was any."""
        swept = False
        while self._due() and self._sweep_some():
            swept = True
        return swept

    def next(self) -> datetime | None:
        """Tell when the next message expires, as things stand; None when none will."""
        earliest = select(func.min(messages.c.expires_at)).where(*self._waiting(self.clock()))
        with self.store.read() as session:
            moment: datetime | None = session.scalar(earliest)
            return moment

    def _due(self) -> bool:
        earliest = self.next()
        return earliest is not None and earliest <= self.clock()

    def _sweep_some(self) -> int:
        with self.store.connect() as connection:
            now = self.clock()
            rows = connection.execute(self._expired(now)).all()
            dead_letter(connection, self.topology, rows, "expired", now)
            return len(rows)

    def _expired(self, now: datetime) -> Select[Any]:
        expired = select(messages).where(*self._waiting(now), messages.c.expires_at <= now)
        in_order = expired.order_by(messages.c.expires_at, messages.c.id).limit(SWEEP)
        return in_order.with_for_update(skip_locked=True)

    def _waiting(self, now: datetime) -> list[ColumnElement[bool]]:
        # What a consumer holds does not expire, unless the lease has run out.
        held = and_(messages.c.leased, messages.c.visible_at > now)
        return [messages.c.expires_at.is_not(None), messages.c.queue.in_(self.mortal), not_(held)]
