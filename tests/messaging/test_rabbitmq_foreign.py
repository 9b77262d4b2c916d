"""What foreign clients put into our queues: everything is delivered, nothing stops a consumer."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pika
import pytest

from messaging import Delivery, Message, Verdict, newest_death
from messaging.rabbitmq import RabbitBroker
from messaging.rabbitmq.properties import Properties
from tests.messaging.rabbitmq_node import RabbitNode
from tests.messaging.rig import LIMIT, TOPOLOGY, consuming, eventually

pytestmark = pytest.mark.rabbitmq

DEATH = {"count": 1, "reason": "rejected", "queue": "elsewhere", "time": datetime(2026, 11, 22, tzinfo=UTC),
         "exchange": "", "routing-keys": ["elsewhere"]}


class Crafted(Properties):
    """Properties whose headers are given as bytes, such as no library writes them."""

    def encode(self) -> list[bytes]:
        table, self.headers = self.headers, {}
        try:
            *before, _empty = Properties.encode(self)
        finally:
            self.headers = table
        return [*before, table]


@pytest.fixture
def broker(rabbit: RabbitNode) -> Iterator[RabbitBroker]:
    made = RabbitBroker(rabbit.url, TOPOLOGY)
    made.ping()
    yield made
    made.close()


def _publish(node: RabbitNode, queue: str, body: bytes, properties: pika.BasicProperties | None = None) -> None:
    with node.channel() as channel:
        channel.confirm_delivery()
        channel.basic_publish("", queue, body, properties, mandatory=True)


def _drained(broker: RabbitBroker, queue: str, count: int) -> list[Message]:
    with consuming(broker, queue, batch=50) as consumption:
        eventually(lambda: len(consumption.seen) == count)
    return [delivery.message for delivery in consumption.seen]


def test_headers_that_stop_other_clients_arrive_as_json(rabbit: RabbitNode, broker: RabbitBroker) -> None:
    table = b"".join([
        b"\x04date" + b"T" + struct.pack(">Q", 2**63),
        b"\x04half" + b"d" + struct.pack(">d", 0.5),
        b"\x05bytes" + b"x" + struct.pack(">I", 2) + b"\x00\xff",
        b"\x04deep" + _nested(10_000),
    ])
    _publish(rabbit, "work.dlq", b"odd", Crafted(headers=struct.pack(">I", len(table)) + table))
    _publish(rabbit, "work.dlq", b"plain")
    odd, plain = _drained(broker, "work.dlq", 2)
    assert (odd.body, plain.body) == (b"odd", b"plain")
    assert odd.headers["date"] == 2**63
    assert odd.headers["half"] == 0.5
    assert odd.headers["bytes"] == {"base64": "AP8="}


@pytest.mark.parametrize("properties", [
    {}, {"content_type": b"\xff"}, {"message_id": b"\xff\x00"}, {"message_id": "x" * 255},
    {"content_encoding": "gzip"}, {"delivery_mode": 1}, {"priority": 255}, {"timestamp": 2**64 - 1},
    {"expiration": "60000"}, {"type": "t", "app_id": "a", "reply_to": "r", "correlation_id": "c"},
    {"headers": {"CC": ["nowhere"]}}, {"headers": {"x-delivery-count": 99}}, {"headers": {"x-dlo-lap": 99}},
    {"headers": {"x-dlo-lap": {"queue": 1, "deliveries": "many", "earlier": 7}}},
    {"headers": {"x-death": "text"}}, {"headers": {"x-death": [1, None, {}]}}, {"headers": {"x-death": [DEATH] * 50}},
])
def test_whatever_a_foreign_client_says_of_its_message_the_body_goes_every_way(
    rabbit: RabbitNode, broker: RabbitBroker, properties: dict[str, Any]
) -> None:
    _publish(rabbit, "work", b"body", pika.BasicProperties(**properties))
    verdicts = iter([Verdict.RETRY, Verdict.REJECT])
    with consuming(broker, "work", verdict=lambda _delivery: next(verdicts)):
        eventually(lambda: broker.depth("work.dlq") == 1)
    with consuming(broker, "work.dlq", verdict=_retry_once) as consumption:
        eventually(lambda: len(consumption.seen) == 2)
    first, second = (delivery.message for delivery in consumption.seen)
    assert first.body == second.body == b"body"
    assert first.headers == second.headers
    death = newest_death(first.headers)
    assert death
    assert death.queue == "work"


def test_a_forged_death_is_delivered_from_a_dead_letter_queue_as_it_was_written(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    _publish(rabbit, "work.dlq", b"forged", pika.BasicProperties(headers={"x-death": [DEATH], "x-delivery-count": 3}))
    [message] = _drained(broker, "work.dlq", 1)
    assert message.headers == {"x-death": [{**DEATH, "time": "2026-11-22T00:00:00Z"}]}


def test_a_message_that_expired_once_is_not_dropped_as_a_circle_when_it_is_retried(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    headers = {"x-death": [{**DEATH, "queue": "work", "reason": "expired"}]}
    _publish(rabbit, "work", b"one", pika.BasicProperties(headers=headers))
    with consuming(broker, "work", verdict=_retry_once) as consumption:
        eventually(lambda: len(consumption.seen) == 2)
    assert consumption.seen[0].message == consumption.seen[1].message


def test_a_message_that_somebody_held_before_is_known_by_it_though_no_delivery_is_counted(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    _publish(rabbit, "plain", b"held")
    with rabbit.channel() as channel:  # and gives it back when it closes
        eventually(lambda: channel.basic_get("plain")[0])
    _publish(rabbit, "plain", b"fresh")
    with consuming(broker, "plain") as consumption:
        eventually(lambda: len(consumption.seen) == 2)
    assert {(each.message.body, each.deliveries, each.redelivered) for each in consumption.seen} == {
        (b"held", 1, True), (b"fresh", 1, False)}


def test_bodies_of_a_mebibyte_and_of_nothing_arrive(rabbit: RabbitNode, broker: RabbitBroker) -> None:
    bodies = [b"", bytes(range(256)) * 4096, b"\xce" * (2**20 + 1)]
    for body in bodies:
        broker.publish("plain", Message(body))
        _publish(rabbit, "plain", body)
    arrived = [message.body for message in _drained(broker, "plain", 6)]
    assert arrived == [body for body in bodies for _copy in range(2)]


def test_a_message_whose_copy_would_be_too_large_is_delivered_again_all_the_same(
    rabbit: RabbitNode, broker: RabbitBroker
) -> None:
    _publish(rabbit, "work", b"large", pika.BasicProperties(headers={"long": "x" * 125_000}))
    with consuming(broker, "work", verdict=Verdict.RETRY) as consumption:
        eventually(lambda: broker.depth("work.dlq") == 1)
    assert len(consumption.seen) == LIMIT
    [dead] = broker.peek("work.dlq", 1)
    death = newest_death(dead.headers)
    assert death
    assert death.reason == "delivery_limit"


def _retry_once(delivery: Delivery) -> Verdict:
    return Verdict.ACK if delivery.redelivered else Verdict.RETRY


def _nested(levels: int) -> bytes:
    value = b"V"
    for _level in range(levels):
        value = b"A" + struct.pack(">I", len(value)) + value
    return value
