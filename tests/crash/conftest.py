"""One world per configuration: a desk, a shop, and processes that can be killed in it."""

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event, Thread

import pytest

from app.desk import Desk
from app.services import bulk, retrying
from app.services.rescue import rescue
from app.workers.consumer import start_consumers
from messaging import CONFIRMATIONS, INTAKE, Delivery, Message, Verdict, shop_topology
from tests.crash.brokers import RABBIT_SCALE, wait_for_returns
from tests.crash.child import act_and_die
from tests.crash.killing import Side
from tests.crash.points import DEAD, QUEUE
from tests.crash.surroundings import Surroundings, prepare
from tests.factories import make_order, make_shop, make_stock
from tests.fakes import FakeClock
from tests.http_server import Server, answering, serving
from tests.looking import assert_consistent
from tests.messaging.rabbitmq_node import RabbitNode
from tests.messaging.rig import eventually
from tests.processes import CONTEXT


@dataclass
class World:
    """What the survivor sees."""

    surroundings: Surroundings
    clock: FakeClock
    desk: Desk
    inventory: Server
    node: RabbitNode | None

    def kill(self, point: str, side: Side) -> None:
        """Run a process that dies at the point; it is an error of the test when it does not."""
        arguments = (self.surroundings.environment, self.clock(), point, side)
        process = CONTEXT.Process(target=act_and_die, args=arguments)
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, f"{point} was never reached ({process.exitcode})"
        if self.node:
            wait_for_returns(self.node, self.desk.topology.dead_letter_queues)

    def recover(self) -> None:
        """Let another worker take over when the leases are over: drain, rescue, and do what is due."""
        self.clock.advance(31)
        rescue(self.desk)
        self.drain()
        while self._work():
            pass
        assert_consistent(self.desk)

    def redeliver(self) -> None:
        """Take what a dead consumer held, as soon as its broker gives it to another."""
        self.clock.advance(0 if self.node else 11)  # the built-in queue waits for the end of a lease
        self.drain()
        assert_consistent(self.desk)

    def let_expire(self) -> None:
        """Let the time pass after which a message that nobody took is dead."""
        self.clock.advance(31)
        eventually(lambda: self.desk.broker.depth(QUEUE) == 0)

    def _work(self) -> bool:
        return bulk.run_some(self.desk) or any(
            retrying.work(self.desk, target, "survivor") for target in self.desk.targets.names
        )

    def drain(self) -> None:
        """Consume as a worker does, until the desk's own queues are empty."""
        self._consume()
        while not self._drained():  # a delivery on its way was not seen, and went back when the consumers ended
            self._consume()

    def _consume(self) -> None:
        stop = Event()
        consumers = start_consumers(self.desk, stop)
        try:
            eventually(self._drained)
        finally:
            stop.set()
            for thread in consumers:
                thread.join(10)

    def _drained(self) -> bool:
        return all(self.desk.broker.depth(queue) == 0 for queue in (DEAD, INTAKE, CONFIRMATIONS))

    def take(self, queue: str) -> list[Message]:
        """Take what is on a queue, as its consumer does."""
        taken: list[Message] = []
        stop = Event()

        def handle(deliveries: Sequence[Delivery]) -> list[Verdict]:
            taken.extend(delivery.message for delivery in deliveries)
            return [Verdict.ACK] * len(deliveries)

        thread = Thread(target=self.desk.broker.consume, args=([queue], handle), kwargs={"stop": stop})
        thread.start()
        try:
            eventually(lambda: self.desk.broker.depth(queue) == 0)
        finally:
            stop.set()
            thread.join(10)
        return taken

    @property
    def effects_in_inventory(self) -> Counter[str]:
        """Count the requests by their Idempotency-Key, as a service that honours it would."""
        heads = (head.decode("latin-1").splitlines() for head, _ in self.inventory.requests)
        return Counter(line for lines in heads for line in lines if line.startswith("Idempotency-Key"))


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def node(request: pytest.FixtureRequest) -> RabbitNode | None:
    """The RabbitMQ of the configuration, its queues empty; None where the queue is the built-in one."""
    if request.param == "embedded":
        return None
    node: RabbitNode = request.getfixturevalue("rabbit_node")
    node.empty_queues(shop_topology(RABBIT_SCALE))
    return node


@pytest.fixture
def world(environment: dict[str, str], node: RabbitNode | None) -> Iterator[World]:
    """S: SQLite and the built-in queue; with `--engine=postgresql` P; on RabbitMQ too, which makes it R."""
    if node:
        environment = environment | {"DLO_BROKER_URL": node.url, "DLO_RETRY_SCALE": str(RABBIT_SCALE)}
    clock = FakeClock()
    with serving(answering(200, b"ok")) as inventory:
        surroundings = prepare(environment, inventory.url)
        with surroundings.desk(clock) as desk:
            desk.broker.ping()
            make_shop(desk)
            make_stock(desk, leg=100)
            make_order(desk, "536365")
            yield World(surroundings, clock, desk, inventory, node)
