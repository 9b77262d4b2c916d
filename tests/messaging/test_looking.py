"""Contract: to look at a queue changes nothing."""

import pytest

from messaging import Unroutable
from tests.messaging.rig import Rig, consuming, eventually


def test_peek_shows_the_first_messages_and_leaves_order_depth_and_counts_alone(rig: Rig) -> None:
    rig.publish("work", b"a", b"b", b"c")
    for _look in range(5):
        assert [message.body for message in rig.broker.peek("work", 2)] == [b"a", b"b"]
    assert rig.broker.depth("work") == 3
    with consuming(rig.broker, "work") as consumption:
        eventually(lambda: len(consumption.seen) == 3)
    assert [(delivery.message.body, delivery.deliveries) for delivery in consumption.seen] == [
        (b"a", 1), (b"b", 1), (b"c", 1)]


def test_the_oldest_message_tells_since_when_it_waits(rig: Rig) -> None:
    assert rig.broker.oldest("plain") is None
    since = rig.time()
    rig.publish("plain", b"a")
    rig.time.passes(1)
    rig.publish("plain", b"b")
    oldest = rig.broker.oldest("plain")
    assert oldest is not None
    assert abs((oldest - since).total_seconds()) < 0.5


def test_an_unknown_queue_cannot_be_looked_at(rig: Rig) -> None:
    for look in (rig.broker.depth, rig.broker.oldest, lambda queue: rig.broker.peek(queue, 1)):
        with pytest.raises(Unroutable):
            look("nowhere")
