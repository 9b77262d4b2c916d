"""The topology at RabbitMQ: safe arguments, declared again when it is gone, and one line when it differs."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pika.exceptions import ChannelClosedByBroker

from messaging import Message, shop_topology
from messaging.broker import BrokerUnavailable
from messaging.rabbitmq import RabbitBroker
from messaging.rabbitmq.declaring import declarations
from messaging.rabbitmq.errors import QueueDiffers
from tests.messaging.rabbitmq_node import RabbitNode
from tests.messaging.rig import TOPOLOGY, consuming, eventually

SAFE = {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-dead-letter-strategy": "at-least-once"}


@pytest.fixture
def broker(rabbit: RabbitNode) -> Iterator[RabbitBroker]:
    made = RabbitBroker(rabbit.url, TOPOLOGY)
    yield made
    made.close()


@pytest.fixture
def differing(rabbit: RabbitNode) -> Iterator[None]:
    """Put another queue in the place of `plain`."""
    with rabbit.channel() as channel:
        channel.queue_delete("plain")
        channel.queue_declare("plain", durable=True, arguments={**SAFE, "x-message-ttl": 5})
    yield
    with rabbit.channel() as channel:
        channel.queue_delete("plain")


def _arguments(queue: str, version: int = 3) -> dict[str, Any]:
    return dict(declarations(shop_topology()[queue], version))[queue]


def test_a_work_queue_dead_letters_at_least_once_after_its_time_or_its_deliveries() -> None:
    assert _arguments("orders.status") == {
        **SAFE, "x-message-ttl": 30_000, "x-delivery-limit": 4,
        "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "orders.status.dlq",
    }


@pytest.mark.parametrize("queue", ["orders.status.dlq", "failures.intake", "failures.confirmations"])
def test_where_nothing_may_be_lost_there_is_neither_a_time_nor_a_limit(queue: str) -> None:
    assert _arguments(queue) == SAFE
    assert _arguments(queue, version=4) == {**SAFE, "x-delivery-limit": -1}  # 4.x limits what does not say so


def test_retries_wait_in_a_companion_that_gives_them_back() -> None:
    assert dict(declarations(shop_topology(0.02)["orders.status"], 3))["orders.status.retry"] == {
        **SAFE, "x-message-ttl": 40, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "orders.status",
    }


@pytest.mark.rabbitmq
def test_a_queue_that_was_deleted_is_declared_again_by_the_next_publication(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    broker.publish("plain", Message(b"one"))
    with rabbit.channel() as channel:
        channel.queue_delete("plain")
    broker.publish("plain", Message(b"two"))
    assert [message.body for message in broker.peek("plain", 10)] == [b"two"]


@pytest.mark.rabbitmq
def test_a_queue_that_is_deleted_under_its_consumer_is_declared_again_and_served(
    rabbit: RabbitNode, broker: RabbitBroker, caplog: pytest.LogCaptureFixture
) -> None:
    with consuming(broker, "plain", "work") as consumption:
        broker.publish("plain", Message(b"one"))
        eventually(lambda: consumption.bodies == [b"one"])
        with rabbit.channel() as channel:
            channel.queue_delete("plain")
        eventually(lambda: "'plain' was deleted" in caplog.text)
        eventually(lambda: _has_consumer(rabbit, "plain"))
        with rabbit.channel() as channel:
            channel.basic_publish("", "plain", b"two")
        eventually(lambda: consumption.bodies == [b"one", b"two"])


@pytest.mark.rabbitmq
def test_a_queue_that_differs_is_named_in_one_line_and_the_others_go_on(
    rabbit: RabbitNode, broker: RabbitBroker, differing: None
) -> None:
    broker.publish("work", Message(b"one"))
    for call in (broker.ping, lambda: broker.publish("plain", Message(b"")), lambda: broker.depth("plain")):
        with pytest.raises(BrokerUnavailable) as raised:
            call()
        assert isinstance(raised.value, QueueDiffers)
        assert "'plain'" in str(raised.value)
        assert "x-message-ttl" in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.rabbitmq
def test_a_consumer_waits_until_a_queue_that_differs_is_removed(
    rabbit: RabbitNode, broker: RabbitBroker, differing: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with consuming(broker, "plain") as consumption:
        eventually(lambda: "queue 'plain' that differs" in caplog.text)
        with rabbit.channel() as channel:
            channel.queue_delete("plain")
        broker.publish("plain", Message(b"one"))
        eventually(lambda: consumption.bodies == [b"one"])


def _has_consumer(node: RabbitNode, queue: str) -> bool:
    try:
        with node.channel() as channel:
            return bool(channel.queue_declare(queue, passive=True).method.consumer_count)
    except ChannelClosedByBroker:
        return False
