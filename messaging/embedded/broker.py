"""The embedded broker: what `Broker` promises, kept by one table and short transactions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from sqlalchemy import func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from messaging.broker import BrokerUnavailable, Handler, Refused, Unroutable
from messaging.embedded.claiming import Claims
from messaging.embedded.consumer import Consumer
from messaging.embedded.dying import Expiry
from messaging.embedded.schema import create_tables, messages, to_message, to_row
from messaging.embedded.settling import Settlement
from messaging.message import Message
from messaging.topology import Topology
from messaging.work import Work
from storage import Store, open_store
from storage.clock import Clock

LEASE_SECONDS = 10.0
BUSY_SECONDS = 5.0


class EmbeddedBroker:
    """A broker in a SQLite or PostgreSQL database, for any number of threads and processes."""

    def __init__(
        self,
        store: Store | str,
        topology: Topology,
        clock: Clock | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.store = open_store(store, busy_seconds=BUSY_SECONDS, clock=clock) if isinstance(store, str) else store
        self.owns_store = isinstance(store, str)
        self.topology = topology
        self.claims = Claims(self.store, topology, timedelta(seconds=lease_seconds))
        self.settlement = Settlement(self.store, topology)
        self.expiry = Expiry(self.store, topology)
        self.prepared = False

    def publish(self, queue: str, message: Message) -> None:
        """Store a message; the commit is the confirmation."""
        self._check(queue)
        with self._available(), self.store.connect() as connection:
            now = self.store.now(connection)
            try:
                row = to_row(queue, message, now, self._expiry_of(queue, now))
            except (TypeError, ValueError) as error:
                raise Refused(f"a header cannot be written as JSON: {error}") from error
            connection.execute(insert(messages), row)

    def consume(
        self,
        queues: Sequence[str],
        handler: Handler,
        *,
        stop: Event,
        batch: int = 1,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """Deliver from `queues`, a batch of each in turn, until `stop` is set."""
        for queue in queues:
            self._check(queue)
        work = Work(queues, handler, stop, batch, paused)
        Consumer(self.claims, self.settlement, self.expiry, work).run(partial(create_tables, self.store))

    def depth(self, queue: str) -> int:
        """Count the messages of a queue, those under way too."""
        self._check(queue)
        with self._swept(), self.store.read() as session:
            return session.scalars(select(func.count()).where(messages.c.queue == queue)).one()

    def oldest(self, queue: str) -> datetime | None:
        """Tell since when the oldest message has been in a queue; None when it is empty."""
        self._check(queue)
        with self._swept(), self.store.read() as session:
            since: datetime | None = session.scalar(
                select(func.min(messages.c.enqueued_at)).where(messages.c.queue == queue)
            )
            return since

    def peek(self, queue: str, limit: int) -> list[Message]:
        """Read the first messages of a queue in the order of their arrival, those under way too."""
        self._check(queue)
        first = select(messages).where(messages.c.queue == queue).order_by(messages.c.id).limit(limit)
        with self._swept(), self.store.read() as session:
            return [to_message(row) for row in session.execute(first)]

    def ping(self) -> None:
        """Raise BrokerUnavailable when the database does not answer."""
        with self._available(), self.store.read() as session:
            session.execute(select(1))

    def close(self) -> None:
        """Close the database, when this broker opened it."""
        if self.owns_store:
            self.store.close()

    def _check(self, queue: str) -> None:
        if queue not in self.topology:
            raise Unroutable(f"there is no queue {queue!r}")

    def _expiry_of(self, queue: str, now: datetime) -> datetime | None:
        policy = self.topology[queue]
        if policy.time_to_live is None or policy.dead_letters_to is None:
            return None
        return now + timedelta(seconds=policy.time_to_live)

    def _prepare(self) -> None:
        # At the first use, not at the start: a database that is away then must not stop the service.
        if not self.prepared:
            create_tables(self.store)
            self.prepared = True

    @contextmanager
    def _available(self) -> Iterator[None]:
        try:
            self._prepare()
            yield
        except SQLAlchemyError as error:
            self.prepared = False
            raise BrokerUnavailable(str(error)) from error

    @contextmanager
    def _swept(self) -> Iterator[None]:
        # What has expired is seen where it belongs, though nobody may have moved it yet.
        with self._available():
            self.expiry.sweep()
            yield
