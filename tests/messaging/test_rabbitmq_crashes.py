"""Consumers and publishers killed with SIGKILL: every message comes again, and none is dead for another's sake."""

import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from threading import Event
from typing import Any

import pytest

from messaging import Delivery, Message, Verdict, newest_death
from messaging.rabbitmq import RabbitBroker
from tests.messaging.rabbitmq_node import RabbitNode
from tests.messaging.rig import LIMIT, TOPOLOGY, consuming, eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.crash]

SPAWN = get_context("spawn")


@pytest.fixture
def broker(rabbit: RabbitNode) -> RabbitBroker:
    return RabbitBroker(rabbit.url, TOPOLOGY)


def test_what_a_killed_consumer_held_comes_again(rabbit: RabbitNode, broker: RabbitBroker) -> None:
    bodies = [b"%d" % number for number in range(10)]
    for body in bodies:
        broker.publish("plain", Message(body))
    for _time in range(2):
        assert _run(_killed_in_its_handler, rabbit.url, "plain", 4) == -signal.SIGKILL
    eventually(lambda: broker.depth("plain") == 10)
    with consuming(broker, "plain", batch=10) as consumption:
        eventually(lambda: len(consumption.seen) == 10)
    assert sorted(consumption.bodies) == bodies
    broker.close()


def test_a_message_that_kills_its_consumers_is_dead_and_those_behind_it_are_not(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    for body in (b"poison", b"good", b"good too"):
        broker.publish("work", Message(body))
    for _time in range(LIMIT):
        assert _run(_killed_in_its_handler, rabbit.url, "work", 1) == -signal.SIGKILL
    eventually(lambda: broker.depth("work.dlq") == 1)
    [dead] = broker.peek("work.dlq", 10)
    death = newest_death(dead.headers)
    assert death
    assert (dead.body, death.reason) == (b"poison", "delivery_limit")
    with consuming(broker, "work") as consumption:
        eventually(lambda: len(consumption.seen) == 2)
    assert [(delivery.message.body, delivery.deliveries) for delivery in consumption.seen] == [
        (b"good", 1), (b"good too", 1)]
    broker.close()


def test_a_consumer_killed_between_its_copy_and_its_acknowledgement_doubles_but_does_not_lose(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    broker.publish("plain", Message(b"one", "id-1"))
    assert _run(_killed_after_its_copy, rabbit.url, "plain", 1) == -signal.SIGKILL
    with consuming(broker, "plain") as consumption:
        eventually(lambda: len(consumption.seen) == 2)
    assert {delivery.message.message_id for delivery in consumption.seen} == {"id-1"}
    broker.close()


def test_a_publisher_killed_after_the_confirmation_has_published(rabbit: RabbitNode, broker: RabbitBroker) -> None:
    assert _run(_killed_after_it_published, rabbit.url, "plain", 1) == -signal.SIGKILL
    assert [message.body for message in broker.peek("plain", 10)] == [b"one"]
    broker.close()


# What runs in the processes.


def _killed_in_its_handler(url: str, queue: str, batch: int) -> None:
    RabbitBroker(url, TOPOLOGY).consume([queue], _die, stop=Event(), batch=batch)


def _killed_after_its_copy(url: str, queue: str, batch: int) -> None:
    broker = RabbitBroker(url, TOPOLOGY)
    publish = broker._publish

    def publish_and_die(*arguments: Any) -> None:
        publish(*arguments)
        _die()

    broker._publish = publish_and_die  # type: ignore[method-assign]
    broker.consume([queue], _retry, stop=Event(), batch=batch)


def _killed_after_it_published(url: str, queue: str, _batch: int) -> None:
    RabbitBroker(url, TOPOLOGY).publish(queue, Message(b"one"))
    _die()


def _retry(deliveries: Sequence[Delivery]) -> list[Verdict]:
    return [Verdict.RETRY] * len(deliveries)


def _die(*_arguments: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _run(target: Callable[[str, str, int], None], url: str, queue: str, batch: int) -> int | None:
    process = SPAWN.Process(target=target, args=(url, queue, batch))
    process.start()
    process.join(60)
    return process.exitcode
