"""Events of a service, written with its own data in one transaction and published afterwards, in order."""

import json
import logging
from datetime import UTC, datetime
from threading import Event
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, select, update
from sqlalchemy.orm import Session

from messaging import Broker, Message, MessagingError
from storage import Store, UtcDateTime, insert_if_absent
from stubs.common.loops import repeat

log = logging.getLogger(__name__)

metadata = MetaData()

events = Table(
    "event_outbox", metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("message_id", String(255), nullable=False, unique=True),
    Column("queue", String(255), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
)

IDLE = 0.1  # seconds between two looks; a commit of this process is not told to the relay
LONGEST = 5.0  # seconds between two tries while the queue is away


def add_event(session: Session, queue: str, message_id: str, body: dict[str, Any]) -> None:
    """Write an event into the transaction of what it tells about."""
    insert_if_absent(session, events, {
        "message_id": message_id, "queue": queue, "body": json.dumps(body, ensure_ascii=False).encode(),
        "created_at": datetime.now(UTC),
    })


def unpublished(store: Store) -> int:
    """Count the events that still wait for the queue."""
    with store.read() as session:
        return len(session.execute(select(events.c.sequence).where(events.c.published_at.is_(None))).all())


class Relay:
    """Publishes what the outbox holds; `scale` multiplies the waits while the queue is away."""

    def __init__(self, store: Store, broker: Broker, scale: float) -> None:
        self._store, self._broker, self._scale = store, broker, scale
        self._failures = 0

    def run(self, stop: Event) -> None:
        """Publish until `stop` is set."""
        repeat(self.step, stop)

    def step(self) -> float:
        """Publish all that waits; return the seconds to wait."""
        waiting = select(events).where(events.c.published_at.is_(None)).order_by(events.c.sequence).limit(100)
        with self._store.read() as session:
            rows = session.execute(waiting).all()
        for row in rows:
            try:
                self._broker.publish(row.queue, Message(row.body, message_id=row.message_id))
            except MessagingError as error:
                self._failures += 1
                log.warning("%s cannot be published, it waits in the outbox: %s", row.message_id, error)
                return float(min(LONGEST, 0.5 * 2.0 ** min(self._failures, 10)) * self._scale)
            # Dying here publishes it once more, under the same message id: receivers drop the repeat.
            with self._store.write() as session:
                done = update(events).where(events.c.sequence == row.sequence)
                session.execute(done.values(published_at=datetime.now(UTC)))
            self._failures = 0
        return 0.0 if rows else IDLE
