"""The circuit breaker towards Shipping, kept in Inventory's database: a restart forgets nothing of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pybreaker
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, select, update

from storage import Store, UtcDateTime, insert_if_absent
from stubs.inventory.asking import ShippingAway

ERRORS_IN_A_ROW = 5
WITHOUT_SUCCESS = 30.0  # seconds
BETWEEN_PROBES = 300.0  # seconds
PROBES = 3

NAME = "shipping"
Value = TypeVar("Value")

metadata = MetaData()

breakers = Table(
    "breakers", metadata,
    Column("name", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("errors", Integer, nullable=False),  # in a row
    Column("failing_since", Float),  # seconds since 1970
    Column("opened_at", UtcDateTime),
    Column("failed_probes", Integer, nullable=False),
)


class BreakerStorage(pybreaker.CircuitBreakerStorage):
    """The state that pybreaker works on, as a row."""

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        super().__init__(NAME)
        self._store, self._now = store, now
        start = {"name": NAME, "state": pybreaker.STATE_CLOSED, "errors": 0, "failed_probes": 0}
        with store.write() as session:
            insert_if_absent(session, breakers, start)

    def row(self) -> Any:
        """Read the whole state."""
        with self._store.read() as session:
            return session.execute(select(breakers).where(breakers.c.name == NAME)).one()

    def write(self, **values: Any) -> None:
        """Change the state."""
        with self._store.write() as session:
            session.execute(update(breakers).where(breakers.c.name == NAME).values(**values))

    @property
    def state(self) -> str:
        return str(self.row().state)

    @state.setter
    def state(self, state: str) -> None:
        self.write(state=state)

    @property
    def counter(self) -> int:
        return int(self.row().errors)

    def increment_counter(self) -> None:
        row = self.row()
        since = self._now() if row.failing_since is None else row.failing_since
        self.write(errors=row.errors + 1, failing_since=since)

    def reset_counter(self) -> None:
        self.write(errors=0, failing_since=None)

    @property
    def success_counter(self) -> int:
        return 1  # one success closes it

    @property
    def opened_at(self) -> datetime | None:
        opened: datetime | None = self.row().opened_at
        return opened

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        self.write(opened_at=moment)


class Breaker:
    """pybreaker with what the flow wants besides: a limit by time, and a count of probes."""

    def __init__(self, store: Store, scale: float, now: Callable[[], float] = time.time) -> None:
        self._storage = BreakerStorage(store, now)
        self._scale, self._now = scale, now
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=ERRORS_IN_A_ROW, reset_timeout=BETWEEN_PROBES * scale, state_storage=self._storage, name=NAME)

    @property
    def is_open(self) -> bool:
        return self._storage.state != pybreaker.STATE_CLOSED

    @property
    def failed_probes(self) -> int:
        return int(self._storage.row().failed_probes)

    @property
    def probe_is_due(self) -> bool:
        row = self._storage.row()
        waited = (datetime.now(UTC) - row.opened_at).total_seconds() if row.opened_at else BETWEEN_PROBES
        return row.state == pybreaker.STATE_HALF_OPEN or waited >= BETWEEN_PROBES * self._scale

    def call(self, ask: Callable[[], Value]) -> Value:
        """Call Shipping through the breaker.

        Raises:
            ShippingAway: it did not answer, and the breaker stays closed.
            pybreaker.CircuitBreakerError: the breaker is open, or has just opened.
        """
        try:
            answer: Value = self._breaker.call(ask)
        except ShippingAway as error:
            since = self._storage.row().failing_since
            if since is not None and self._now() - since >= WITHOUT_SUCCESS * self._scale:
                self._breaker.open()
                raise pybreaker.CircuitBreakerError("too long without a success") from error
            raise
        return answer

    def probe(self, ask: Callable[[], Value]) -> Value | None:
        """Ask once while open: success closes the breaker; None, and one more failed probe, otherwise."""
        try:
            answer: Value = self._breaker.call(ask)
        except pybreaker.CircuitBreakerError:
            self._storage.write(failed_probes=self.failed_probes + 1)
            return None
        self.forget_probes()
        return answer

    def forget_probes(self) -> None:
        """Count probes from none again."""
        self._storage.write(failed_probes=0)

    def shown(self) -> dict[str, Any]:
        """Return the state as JSON shows it."""
        row = self._storage.row()
        opened = row.opened_at.isoformat() if row.opened_at else None
        return {"state": row.state, "errors": row.errors, "failedProbes": row.failed_probes, "openedAt": opened}
