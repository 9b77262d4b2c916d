"""Contract: deliveries, verdicts and what follows from each."""

from collections.abc import Sequence
from threading import Event

import pytest

from messaging import Delivery, Unroutable, Verdict
from tests.messaging.rig import INTERVAL, Consumption, Rig, always, consuming, eventually, stays


def test_messages_are_delivered_in_the_order_of_their_arrival(rig: Rig) -> None:
    bodies = [b"%d" % number for number in range(12)]
    rig.publish("plain", *bodies)
    with consuming(rig.broker, "plain", batch=5) as consumption:
        eventually(lambda: len(consumption.seen) == 12)
    assert consumption.bodies == bodies
    assert rig.broker.depth("plain") == 0


def test_a_batch_is_never_larger_than_asked_for_and_never_of_two_queues(rig: Rig) -> None:
    for number in range(7):
        rig.publish("plain", b"plain %d" % number)
        rig.publish("work", b"work %d" % number)
    with consuming(rig.broker, "plain", "work", batch=3) as consumption:
        eventually(lambda: len(consumption.seen) == 14)
    assert all(len(batch) <= 3 for batch in consumption.batches)
    assert all(len({delivery.queue for delivery in batch}) == 1 for batch in consumption.batches)


def test_a_consumer_sees_what_is_published_while_it_waits(rig: Rig) -> None:
    with consuming(rig.broker, "plain") as consumption:
        for body in (b"one", b"two"):
            rig.publish("plain", body)
            eventually(lambda body=body: body in consumption.bodies, within=3)


def test_a_retry_comes_again_after_the_interval_and_is_counted(rig: Rig) -> None:
    rig.publish("plain", b"again")
    with consuming(rig.broker, "plain", verdict=Verdict.RETRY) as consumption:
        eventually(lambda: len(consumption.seen) == 1)
        stays(lambda: len(consumption.seen) == 1)
        rig.until(lambda: len(consumption.seen) >= 2)
    assert [(delivery.deliveries, delivery.redelivered) for delivery in consumption.seen[:2]] == [(1, False), (2, True)]


def test_a_message_that_waits_for_its_retry_does_not_hold_up_the_others(rig: Rig) -> None:
    rig.publish("plain", b"slow", b"quick")
    with consuming(rig.broker, "plain", verdict=_retry_the(b"slow")) as consumption:
        eventually(lambda: b"quick" in consumption.bodies)
    eventually(lambda: rig.bodies("plain") == [b"slow"])


def test_each_message_of_a_batch_has_its_own_verdict(rig: Rig) -> None:
    rig.publish("work", b"good", b"slow", b"bad")
    verdicts = {b"good": Verdict.ACK, b"slow": Verdict.RETRY, b"bad": Verdict.REJECT}
    with consuming(rig.broker, "work", batch=3, verdict=lambda d: verdicts[d.message.body]) as consumption:
        eventually(lambda: len(consumption.seen) == 3 and rig.broker.depth("work.dlq"))
    eventually(lambda: rig.broker.depth("work") == 1)
    assert rig.bodies("work.dlq") == [b"bad"]
    with consuming(rig.broker, "work") as consumption:
        rig.time.passes(INTERVAL)
        eventually(lambda: consumption.bodies == [b"slow"])


def test_a_release_is_delivered_again_at_once_and_not_counted(rig: Rig) -> None:
    rig.publish("work", b"first", b"second")
    with consuming(rig.broker, "work", verdict=Verdict.RELEASE) as consumption:
        eventually(lambda: len(consumption.seen) > 6)
    assert {delivery.deliveries for delivery in consumption.seen} == {1}
    eventually(lambda: rig.broker.depth("work") == 2)
    assert rig.broker.depth("work.dlq") == 0


def test_an_exception_in_the_handler_is_a_retry_of_the_whole_batch(rig: Rig) -> None:
    rig.publish("plain", b"one", b"two")

    def fail_once(delivery: Delivery) -> Verdict:
        if not delivery.redelivered:
            raise RuntimeError("on purpose")
        return Verdict.ACK

    with consuming(rig.broker, "plain", batch=2, verdict=fail_once) as consumption:
        eventually(lambda: len(consumption.batches) == 1)
        rig.until(lambda: rig.broker.depth("plain") == 0)
    assert [delivery.deliveries for delivery in consumption.seen] == [1, 1, 2, 2]


def test_a_wrong_number_of_verdicts_is_a_retry_of_the_whole_batch(rig: Rig) -> None:
    rig.publish("plain", b"one", b"two")
    stop = Event()

    def handler(_deliveries: Sequence[Delivery]) -> list[Verdict]:
        stop.set()
        return [Verdict.ACK]

    rig.broker.consume(["plain"], handler, stop=stop, batch=2)
    eventually(lambda: rig.bodies("plain") == [b"one", b"two"])


def test_while_paused_nothing_is_taken_and_afterwards_everything(rig: Rig) -> None:
    pause = Event()
    pause.set()
    rig.publish("plain", b"one")
    with consuming(rig.broker, "plain", paused=pause.is_set) as consumption:
        stays(lambda: not consumption.seen and rig.broker.depth("plain") == 1)
        pause.clear()
        eventually(lambda: consumption.seen)
    assert consumption.seen[0].deliveries == 1


def test_a_message_under_way_still_counts_as_being_in_the_queue(rig: Rig) -> None:
    rig.publish("plain", b"one")
    depths: list[int] = []

    def look(_delivery: Delivery) -> Verdict:
        depths.append(rig.broker.depth("plain"))
        return Verdict.ACK

    with consuming(rig.broker, "plain", verdict=look):
        eventually(lambda: depths and rig.broker.depth("plain") == 0)
    assert depths == [1]


def test_two_consumers_share_a_queue_and_nothing_is_delivered_twice(rig: Rig) -> None:
    bodies = [b"%d" % number for number in range(60)]
    rig.publish("plain", *bodies)
    with consuming(rig.broker, "plain", batch=4) as one, consuming(rig.broker, "plain", batch=4) as other:
        eventually(lambda: rig.broker.depth("plain") == 0)
    assert sorted(one.bodies + other.bodies) == sorted(bodies)


def test_to_consume_an_unknown_queue_fails_at_once(rig: Rig) -> None:
    with pytest.raises(Unroutable, match="nowhere"):
        rig.broker.consume(["nowhere"], Consumption(always(Verdict.ACK)), stop=Event())


def _retry_the(body: bytes):  # type: ignore[no-untyped-def]
    return lambda delivery: Verdict.RETRY if delivery.message.body == body else Verdict.ACK
