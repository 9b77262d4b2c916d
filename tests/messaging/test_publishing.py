"""Contract: what is published is stored, exactly, before `publish` returns."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from messaging import Message, Refused, Unroutable
from tests.messaging.rig import Rig, consuming, eventually

EVERY_BYTE = bytes(range(256))
HEADERS = {"text": "Кухня «Лофт» 🪑", "number": 3, "ratio": 0.5, "nothing": None, "yes": True,
           "nested": {"list": [1, "two", {"three": 3}]}}


def test_a_message_comes_out_exactly_as_it_went_in(rig: Rig) -> None:
    sent = Message(EVERY_BYTE, "id-1", "application/octet-stream", HEADERS)
    rig.broker.publish("plain", sent)
    with consuming(rig.broker, "plain") as consumption:
        eventually(lambda: consumption.seen)
    assert consumption.seen[0].message == sent


def test_a_message_without_an_id_or_a_type_stays_without(rig: Rig) -> None:
    sent = Message(b"", message_id=None, content_type=None)
    rig.broker.publish("plain", sent)
    with consuming(rig.broker, "plain") as consumption:
        eventually(lambda: consumption.seen)
    assert consumption.seen[0].message == sent


def test_repeats_of_a_message_id_are_all_delivered(rig: Rig) -> None:
    rig.publish("plain", b"same", b"same")
    assert rig.broker.depth("plain") == 2


def test_an_unknown_queue_is_unroutable(rig: Rig) -> None:
    with pytest.raises(Unroutable, match="nowhere"):
        rig.broker.publish("nowhere", Message(b""))


def test_headers_that_cannot_travel_are_refused_and_nothing_is_stored(rig: Rig) -> None:
    with pytest.raises(Refused):
        rig.broker.publish("plain", Message(b"", headers={"object": object()}))
    assert rig.broker.depth("plain") == 0


def test_many_threads_publish_through_one_broker(rig: Rig) -> None:
    bodies = [str(number).encode() for number in range(80)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda body: rig.publish("plain", body), bodies))
    with consuming(rig.broker, "plain", batch=10) as consumption:
        eventually(lambda: len(consumption.seen) == len(bodies))
    assert set(consumption.bodies) == set(bodies)


def test_the_broker_answers_a_ping(rig: Rig) -> None:
    rig.broker.ping()
