"""RabbitMQ killed, frozen, away, short of memory or full: what was confirmed is there, and everything goes on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from messaging import BrokerUnavailable, Delivery, Message, Refused, Verdict
from messaging.rabbitmq import RabbitBroker
from tests.messaging.rabbitmq_node import RabbitNode, free_port, running_node
from tests.messaging.rig import TOPOLOGY, consuming, eventually, stays

PATIENCE = 2.0

pytestmark = [pytest.mark.rabbitmq, pytest.mark.crash]


@pytest.fixture(scope="module")
def own_node(tmp_path_factory: pytest.TempPathFactory, rabbit_node: RabbitNode) -> Iterator[RabbitNode]:
    """Run a node that tests may harm, where there is one at all."""
    with running_node(tmp_path_factory.mktemp("harmed")) as node:
        node.settle(TOPOLOGY)
        yield node


@pytest.fixture
def node(own_node: RabbitNode) -> RabbitNode:
    own_node.empty_queues(TOPOLOGY)
    return own_node


@pytest.fixture
def broker(node: RabbitNode) -> Iterator[RabbitBroker]:
    made = RabbitBroker(node.url, TOPOLOGY, call_seconds=PATIENCE)
    made.ping()
    yield made
    made.close()


def test_what_was_confirmed_is_there_after_the_broker_was_killed(node: RabbitNode, broker: RabbitBroker) -> None:
    confirmed: list[bytes] = []
    killed = Thread(target=_after(lambda: len(confirmed) > 50, node.kill))
    killed.start()
    sent = _publish_until_it_fails(broker, confirmed)
    killed.join()
    node.start()
    _publish_at_last(broker, b"after")
    with consuming(broker, "plain", batch=100) as consumption:
        eventually(lambda: b"after" in consumption.bodies)
    assert set(confirmed) - set(consumption.bodies) == set()
    assert set(consumption.bodies) <= {*sent, b"after"}


def test_a_consumer_goes_on_after_the_broker_was_killed(node: RabbitNode, broker: RabbitBroker) -> None:
    broker.publish("plain", Message(b"before"))
    with consuming(broker, "plain", batch=10) as consumption:
        eventually(lambda: consumption.seen)
        node.kill()
        node.start()
        _publish_at_last(broker, b"after")
        eventually(lambda: b"after" in consumption.bodies)


def test_a_broker_that_is_away_at_the_start_is_waited_for(node: RabbitNode) -> None:
    node.kill()
    broker = RabbitBroker(node.url, TOPOLOGY)
    calls: list[Callable[[], object]] = [
        broker.ping, lambda: broker.depth("plain"), lambda: broker.oldest("plain"),
        lambda: broker.peek("plain", 1), lambda: broker.publish("plain", Message(b"")),
    ]
    with consuming(broker, "plain") as consumption:
        for call in calls:
            with pytest.raises(BrokerUnavailable), _at_most(2):
                call()
        node.start()
        _publish_at_last(broker, b"one")
        eventually(lambda: b"one" in consumption.bodies)
    broker.close()


def test_a_frozen_broker_is_given_up_in_time_and_used_again_when_it_wakes(
    node: RabbitNode, broker: RabbitBroker
) -> None:
    broker.publish("plain", Message(b"before"))
    with node.frozen():
        for call in (lambda: broker.publish("plain", Message(b"meanwhile")), broker.ping):
            with pytest.raises(BrokerUnavailable), _at_most(PATIENCE + 1):
                call()
    broker.publish("plain", Message(b"after"))
    with consuming(broker, "plain", batch=10) as consumption:
        eventually(lambda: b"after" in consumption.bodies)
    assert consumption.bodies[0] == b"before"


def test_what_was_given_up_before_it_was_begun_is_not_published_later(node: RabbitNode, broker: RabbitBroker) -> None:
    publish = [Thread(target=_publish_in_vain, args=(broker, b"%d" % number)) for number in range(4)]
    with node.frozen():
        for thread in publish:
            thread.start()
        for thread in publish:
            thread.join()
    broker.publish("plain", Message(b"after"))
    assert broker.depth("plain") <= 2  # the one under way may have arrived


def test_a_broker_short_of_memory_stops_publishers_in_time_and_nobody_else(
    node: RabbitNode, broker: RabbitBroker
) -> None:
    for body in (b"one", b"two"):
        broker.publish("work", Message(body))
    with _short_of_memory(node):
        with pytest.raises(BrokerUnavailable), _at_most(PATIENCE + 1):
            broker.publish("plain", Message(b"meanwhile"))
        assert broker.depth("work") == 2
        with consuming(broker, "work", batch=2, verdict=_acknowledge_or_retry) as consumption:
            eventually(lambda: b"two" in consumption.bodies)
            eventually(lambda: broker.depth("work") == 1)
    broker.publish("plain", Message(b"after"))
    with consuming(broker, "work") as consumption:
        eventually(lambda: b"one" in consumption.bodies)
    assert broker.depth("work.dlq") == 0


def test_a_full_queue_refuses_and_keeps_what_it_has(node: RabbitNode, broker: RabbitBroker) -> None:
    node.control("set_policy", "full", "^plain$", '{"max-length": 2}', "--apply-to", "queues")
    try:
        with pytest.raises(Refused):
            for number in range(50):
                broker.publish("plain", Message(b"%d" % number))
        assert broker.peek("plain", 1)[0].body == b"0"
    finally:
        node.control("clear_policy", "full")


def test_a_connection_that_was_closed_is_replaced_without_an_error(node: RabbitNode, broker: RabbitBroker) -> None:
    broker.publish("plain", Message(b"before"))
    with consuming(broker, "plain") as consumption:
        eventually(lambda: consumption.seen)
        node.control("close_all_connections", "on purpose")
        broker.publish("plain", Message(b"after"))
        assert broker.depth("plain") <= 1
        eventually(lambda: b"after" in consumption.bodies)


def test_heartbeats_go_on_while_a_handler_runs_longer_than_they_allow(node: RabbitNode) -> None:
    broker = RabbitBroker(node.url + "?heartbeat=1", TOPOLOGY)
    broker.publish("work", Message(b"slow"))
    begun, finish = Event(), Event()

    def slow(_delivery: Delivery) -> Verdict:
        begun.set()
        finish.wait(20)
        return Verdict.ACK

    with consuming(broker, "work", verdict=slow) as consumption:
        assert begun.wait(15)
        eventually(lambda: broker.depth("work") == 1)
        stays(lambda: broker.depth("work") == 1, during=4)
        finish.set()
        eventually(lambda: broker.depth("work") == 0)
    assert [delivery.deliveries for delivery in consumption.seen] == [1]
    broker.close()


def test_a_port_where_nobody_listens_says_so_in_one_line() -> None:
    broker = RabbitBroker(f"amqp://someone:hidden@127.0.0.1:{free_port()}/", TOPOLOGY)
    with pytest.raises(BrokerUnavailable) as raised:
        broker.ping()
    assert "\n" not in str(raised.value)
    assert "hidden" not in str(raised.value)
    broker.close()
    with pytest.raises(BrokerUnavailable, match="closed"):
        broker.ping()


def _publish_until_it_fails(broker: RabbitBroker, confirmed: list[bytes]) -> list[bytes]:
    sent: list[bytes] = []
    with pytest.raises(BrokerUnavailable):
        while True:
            sent.append(b"%d" % len(sent))
            broker.publish("plain", Message(sent[-1]))
            confirmed.append(sent[-1])
    return sent


def _publish_at_last(broker: RabbitBroker, body: bytes) -> None:
    eventually(lambda: _succeeds(lambda: broker.publish("plain", Message(body))))


def _succeeds(call: Callable[[], None]) -> bool:
    try:
        call()
    except (BrokerUnavailable, Refused):
        return False
    return True


def _publish_in_vain(broker: RabbitBroker, body: bytes) -> None:
    with pytest.raises(BrokerUnavailable):
        broker.publish("plain", Message(body))


def _after(holds: Callable[[], bool], action: Callable[[], None]) -> Callable[[], None]:
    def act() -> None:
        eventually(holds)
        action()

    return act


def _acknowledge_or_retry(delivery: Delivery) -> Verdict:
    return Verdict.RETRY if delivery.message.body == b"one" else Verdict.ACK


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        assert time.monotonic() - began < seconds


@contextmanager
def _short_of_memory(node: RabbitNode) -> Iterator[None]:
    node.control("set_vm_memory_high_watermark", "absolute", "1000")
    try:
        yield
    finally:
        node.control("set_vm_memory_high_watermark", "0.4")
