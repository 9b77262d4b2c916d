"""A configuration to die in: which databases and which broker; the same tests run in each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app import migrate
from app.config import load
from app.desk import Desk, open_desk
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from messaging import open_broker, shop_topology
from storage import Clock, open_store


@dataclass(frozen=True)
class Surroundings:
    """The settings of a configuration, as the environment holds them."""

    environment: dict[str, str]

    @contextmanager
    def desk(self, clock: Clock) -> Iterator[Desk]:
        """Open a desk whose time, and whose embedded broker's time, is given."""
        settings = load(self.environment)
        topology = shop_topology(settings.retry_scale)
        broker = open_broker(settings.broker_url, settings.queue_database_url, topology, clock)
        desk = open_desk(settings, clock=clock, broker=broker)
        try:
            yield desk
        finally:
            desk.close()


def prepare(environment: dict[str, str], inventory: str) -> Surroundings:
    """Bring the desk's database to the newest schema; register the shop's databases and one service as targets."""
    urls = load(environment).targets
    targets = {name: urls[name].url for name in (WAREHOUSE_DATABASE, ORDERS_DATABASE)} | {"inventory": inventory}
    environment = environment | {"DLO_TARGETS": json.dumps(targets)}
    store = open_store(load(environment).database_url)
    migrate.upgrade(store)
    store.close()
    return Surroundings(environment)
