"""Contract: to look at a queue changes nothing."""

import pytest

from messaging import Unroutable
from tests.messaging.rig import LIMIT, Rig, consuming, eventually


def test_peek_shows_the_first_messages_and_leaves_order_depth_and_counts_alone(rig: Rig) -> None:
    rig.publish("plain", b"a", b"b", b"c")
    for _look in range(5):
        assert [message.body for message in rig.broker.peek("plain", 2)] == [b"a", b"b"]
    assert rig.broker.depth("plain") == 3
    with consuming(rig.broker, "plain") as consumption:
        eventually(lambda: len(consumption.seen) == 3)
    assert [(delivery.message.body, delivery.deliveries) for delivery in consumption.seen] == [
        (b"a", 1), (b"b", 1), (b"c", 1)]


def test_looking_never_costs_a_message_one_of_its_deliveries(rig: Rig) -> None:
    rig.publish("work", b"a")
    for _look in range(2 * LIMIT):
        assert [message.body for message in rig.broker.peek("work", 2)] in ([], [b"a"])
        rig.broker.oldest("work")
    with consuming(rig.broker, "work") as consumption:
        eventually(lambda: consumption.seen)
    assert [delivery.deliveries for delivery in consumption.seen] == [1]


def test_many_messages_are_looked_at_in_order_and_stay_in_order(rig: Rig) -> None:
    bodies = [b"%d" % number for number in range(120)]
    rig.publish("work.dlq", *bodies)
    for _look in range(3):
        assert [message.body for message in rig.broker.peek("work.dlq", 100)] == bodies[:100]
    with consuming(rig.broker, "work.dlq", batch=50) as consumption:
        eventually(lambda: len(consumption.seen) == 120)
    assert consumption.bodies == bodies


def test_the_oldest_message_tells_since_when_it_waits(rig: Rig) -> None:
    assert rig.broker.oldest("plain") is None
    since = rig.time()
    rig.publish("plain", b"a")
    rig.time.passes(2)
    rig.publish("plain", b"b")
    oldest = rig.broker.oldest("plain")
    assert oldest is not None
    assert abs((oldest - since).total_seconds()) <= 1  # RabbitMQ counts in whole seconds


def test_an_unknown_queue_cannot_be_looked_at(rig: Rig) -> None:
    for look in (rig.broker.depth, rig.broker.oldest, lambda queue: rig.broker.peek(queue, 1)):
        with pytest.raises(Unroutable):
            look("nowhere")
