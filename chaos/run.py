"""One configuration from its start to the verdict."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from app.config import load
from app.desk import open_desk
from chaos.cases import THROUGH_QUEUES_ONE_IN, Case, case, comes_through_a_queue
from chaos.fleet import Fleet
from chaos.ledger import Ledger
from chaos.monkey import Monkey
from chaos.oracle import Findings, Oracle
from chaos.person import Person
from chaos.places import SCALE, TOKEN, Place, made
from chaos.receiver import receiving
from chaos.senders import QueueSender, RestSender, Sender
from chaos.shop import open_shop
from messaging import open_broker, shop_topology
from storage import open_store

FLEET = {"web": 1, "worker": 3, "consumer": 2}
REST_SENDERS = 4
FLUSH_SECONDS = 30.0  # for the senders, and DRAIN_SECONDS for the desk: leases are 30 s long
DRAIN_SECONDS = 100.0
LOOK_SECONDS = 0.5
QUIET_LOOKS = 3  # what a consumer holds at the moment, a queue may not tell


@dataclass(frozen=True)
class Plan:
    """What to do: the configuration, for how long, how many cases per second, by which seed."""

    configuration: str
    seconds: float
    rate: float
    seed: int

    @property
    def case(self) -> "partial[Case]":
        """Return what makes the case of a number."""
        return partial(case, self.seed)

    @property
    def most(self) -> int:
        """Return how many numbers are ever used: more than can be sent in the time."""
        return int(self.rate * self.seconds * 1.5) + 1000


@dataclass(frozen=True)
class Outcome:
    """What a run has shown."""

    plan: Plan
    accepted: int
    faults: int
    kills: int
    findings: Findings

    def __str__(self) -> str:
        found = self.findings
        return (
            f"{self.plan.configuration} seed {self.plan.seed}: accepted {self.accepted:,} · faults {self.faults:,}"
            f" (kills {self.kills:,}) · lost {len(found.lost):,} · doubled {len(found.doubled):,}"
            f" · unexpected {len(found.unexpected):,} · recovered {found.recovered:,}"
        )


def run(plan: Plan, folder: Path) -> Outcome:
    """Start everything, break it for a while, let it come to rest, and judge."""
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving(plan.seed))
        place = stack.enter_context(made(plan.configuration, folder, receiver.url))
        warehouse, orders = (stack.enter_context(closing(open_store(url))) for url in (place.warehouse, place.orders))
        open_shop(warehouse, orders, (plan.case(number) for number in range(plan.most)))
        fleet = stack.enter_context(closing(Fleet(place.environment, folder, FLEET)))
        desk = stack.enter_context(closing(open_desk(load(place.environment))))
        ledger = Ledger()
        oracle = Oracle(desk, warehouse, orders, receiver, ledger, plan.case)
        tables = {"components": warehouse, "orders": orders}
        monkey = stack.enter_context(closing(Monkey(place.servers, fleet, receiver, tables, Random(plan.seed))))
        fleet.keep_up()
        _rage(plan, place, monkey, ledger)
        _come_to_rest(fleet, oracle, Person(place.port, ledger))
        return Outcome(plan, len(ledger.accepted), monkey.faults, monkey.kills, oracle.judge())


def _rage(plan: Plan, place: Place, monkey: Monkey, ledger: Ledger) -> None:
    with _traffic(plan, place, ledger) as senders:
        person = Person(place.port, ledger)
        for thread in (*senders, person):
            thread.start()
        monkey.rage(plan.seconds)
        monkey.rest()
        for no_more in (person.no_more, *(sender.no_more for sender in senders)):
            no_more.set()
        for sender in senders:
            sender.finish(time.monotonic() + FLUSH_SECONDS)
        person.join()


@contextmanager
def _traffic(plan: Plan, place: Place, ledger: Ledger) -> Iterator[list[Sender]]:
    settings = load(place.environment)
    broker = open_broker(settings.broker_url, settings.queue_database_url, shop_topology(SCALE))
    queued = (plan.case(number) for number in range(plan.most) if comes_through_a_queue(number))
    posted = [number for number in range(plan.most) if not comes_through_a_queue(number)]
    pause = THROUGH_QUEUES_ONE_IN / plan.rate
    senders: list[Sender] = [
        RestSender(
            place.port, TOKEN, f"rest-{share}", map(plan.case, posted[share::REST_SENDERS]), ledger,
            Random(f"{plan.seed} rest {share}"), pause * REST_SENDERS / (THROUGH_QUEUES_ONE_IN - 1),
        )
        for share in range(REST_SENDERS)
    ]
    senders.append(QueueSender(broker, "queue", queued, ledger, Random(f"{plan.seed} queue"), pause))
    with closing(broker):
        yield senders


def _come_to_rest(fleet: Fleet, oracle: Oracle, person: Person) -> None:
    """Wait until nothing is under way any more, and have a person look after what is stuck."""
    quiet, end = 0, time.monotonic() + DRAIN_SECONDS
    while quiet < QUIET_LOOKS and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
        fleet.keep_up()
        is_quiet = oracle.under_way() == 0
        stuck = oracle.stuck() if is_quiet else []
        if stuck:
            person.retry(ids=stuck)
        quiet = quiet + 1 if is_quiet and not stuck else 0
