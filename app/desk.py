"""What every use case is given: the store, the broker, the targets, the time. Wired in one place."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.asked import Asked
from app.clock import Clock, utcnow
from app.config import Settings
from app.domain.report import Known
from app.domain.retry_policy import Policy
from app.remembered import Remembered
from app.targets import Targets
from messaging import Broker, Topology, open_broker, shop_topology
from storage import Store, open_store

BROKER_PATIENCE, BROKER_SILENCE = 1.0, 3.0  # seconds; a broker that hangs must not hold up a page
POLICIES_LAST = timedelta(seconds=1)  # an administrator's change reaches every process as soon


QueueState = tuple[int, datetime | None]
"""A queue's depth in the broker, and since when its oldest message is there, where that is known."""


@dataclass(frozen=True)
class Desk:
    """The desk's surroundings; tests hand in their own."""

    settings: Settings
    store: Store
    broker: Broker
    topology: Topology
    targets: Targets
    clock: Clock = utcnow
    random: Callable[[], float] = field(default=random.random)
    # Ids of groups that are surely committed, by fingerprint: a report of a known cause needs no look-up.
    known_groups: dict[str, str] = field(default_factory=dict)
    known_policies: Remembered[dict[str, Policy]] = field(default_factory=lambda: Remembered(POLICIES_LAST))
    # Until when (monotonic seconds) a target that kept somebody waiting is not asked for what it knows of an order.
    silent_until: dict[str, float] = field(default_factory=dict)
    queue_states: Asked[dict[str, QueueState]] = field(default_factory=lambda: Asked(BROKER_PATIENCE, BROKER_SILENCE))
    broker_faults: Asked[str] = field(default_factory=lambda: Asked(BROKER_PATIENCE, BROKER_SILENCE))

    @property
    def scale(self) -> float:
        """Return what every retry, probe and confirmation interval is multiplied by."""
        return self.settings.retry_scale

    @property
    def known(self) -> Known:
        """Return the names that remedies may use."""
        return {"http_targets": self.targets.http_names, "queues": self.topology.queues}

    def close(self) -> None:
        """Give back every connection."""
        self.broker.close()
        self.targets.close()
        self.store.close()


def open_desk(
    settings: Settings, *, clock: Clock | None = None, broker: Broker | None = None, busy_seconds: float = 20.0
) -> Desk:
    """Wire a desk from its settings; nothing is created that is not there. `busy_seconds` bounds waits for a lock.

    `clock` rules everything, the database's own clock too.
    """
    topology = shop_topology(settings.retry_scale)
    return Desk(
        settings=settings,
        store=open_store(settings.database_url, busy_seconds=busy_seconds, clock=clock),
        broker=broker or open_broker(settings.broker_url, settings.queue_database_url, topology),
        topology=topology,
        targets=Targets(settings.targets, topology),
        clock=clock or utcnow,
    )
