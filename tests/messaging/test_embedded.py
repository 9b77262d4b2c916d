"""The guards of the embedded broker: each of these fails when its guard is taken out."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import inspect, text

from messaging import BrokerUnavailable, Delivery, Message, Refused, Verdict
from messaging.embedded import EmbeddedBroker
from messaging.embedded.schema import metadata
from storage import open_store
from tests.messaging.rig import INTERVAL, TIME_TO_LIVE, TOPOLOGY, VirtualTime, consuming, eventually, stays

LEASE = 10.0


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def broker(queue_url: str, time: VirtualTime) -> Iterator[EmbeddedBroker]:
    made = EmbeddedBroker(queue_url, TOPOLOGY, clock=time, lease_seconds=LEASE)
    yield made
    made.close()


def test_a_message_whose_holder_fell_silent_is_delivered_again_after_the_lease(
    broker: EmbeddedBroker, time: VirtualTime
) -> None:
    broker.publish("work", Message(b"one"))
    broker.ping()
    [first] = broker.claims.claim("work", 1)
    time.passes(LEASE - 0.001)
    assert broker.claims.claim("work", 1) == []
    time.passes(0.001)
    [second] = broker.claims.claim("work", 1)
    assert (first.deliveries, second.deliveries) == (1, 2)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_late_verdict_does_not_touch_what_another_holds_by_now(
    broker: EmbeddedBroker, time: VirtualTime, verdict: Verdict
) -> None:
    broker.publish("work", Message(b"one"))
    late = broker.claims.claim("work", 1)
    time.passes(LEASE)
    current = broker.claims.claim("work", 1)
    assert broker.settlement.settle(late, [verdict]) == 0
    time.passes(INTERVAL)
    assert broker.claims.claim("work", 1) == []
    assert (broker.depth("work"), broker.depth("work.dlq")) == (1, 0)
    assert broker.settlement.settle(current, [Verdict.ACK]) == 1
    assert broker.depth("work") == 0


def test_a_late_renewal_does_not_lengthen_another_ones_lease(broker: EmbeddedBroker, time: VirtualTime) -> None:
    broker.publish("work", Message(b"one"))
    late = broker.claims.claim("work", 1)
    time.passes(LEASE)
    broker.claims.claim("work", 1)
    time.passes(LEASE / 2)
    broker.claims.renew(late)
    time.passes(LEASE / 2)
    assert broker.claims.claim("work", 1)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_given_twice_counts_once(broker: EmbeddedBroker, time: VirtualTime, verdict: Verdict) -> None:
    broker.publish("work", Message(b"one"))
    deliveries = broker.claims.claim("work", 1)
    assert broker.settlement.settle(deliveries, [Verdict.RELEASE]) == 1
    assert broker.settlement.settle(deliveries, [verdict]) == 0
    assert broker.depth("work") == 1


def test_a_late_acknowledgement_never_hits_a_newer_message_under_the_same_row_id(
    broker: EmbeddedBroker, time: VirtualTime
) -> None:
    broker.publish("work", Message(b"old"))
    old = broker.claims.claim("work", 1)
    assert broker.settlement.settle(old, [Verdict.ACK]) == 1
    broker.publish("work", Message(b"new"))
    broker.claims.claim("work", 1)
    broker.settlement.settle(old, [Verdict.ACK])
    assert broker.depth("work") == 1


def test_a_message_that_kills_its_consumers_ends_in_the_dead_letter_queue(
    broker: EmbeddedBroker, time: VirtualTime
) -> None:
    broker.publish("work", Message(b"poison"))
    for _killed in range(3):
        assert broker.claims.claim("work", 1)
        time.passes(LEASE)
    assert broker.claims.claim("work", 1) == []
    [dead] = broker.peek("work.dlq", 10)
    assert dead.headers["x-death"][0]["reason"] == "delivery_limit"


def test_what_has_expired_is_not_handed_over_even_before_a_sweep(
    broker: EmbeddedBroker, time: VirtualTime
) -> None:
    broker.publish("brief", Message(b"late"))
    time.passes(TIME_TO_LIVE)
    assert broker.claims.claim("brief", 1) == []


def test_a_lease_that_ran_out_after_the_time_to_live_lets_the_message_expire(
    broker: EmbeddedBroker, time: VirtualTime
) -> None:
    broker.publish("brief", Message(b"one"))
    assert broker.claims.claim("brief", 1)
    time.passes(LEASE - TIME_TO_LIVE)
    assert broker.depth("brief") == 1
    time.passes(TIME_TO_LIVE)
    assert (broker.depth("brief"), broker.depth("brief.dlq")) == (0, 1)


def test_a_lease_is_renewed_while_the_handler_runs(queue_url: str) -> None:
    broker = EmbeddedBroker(queue_url, TOPOLOGY, lease_seconds=0.4)
    broker.publish("work", Message(b"slow"))
    started, finish = Event(), Event()

    def slow(_delivery: Delivery) -> Verdict:
        started.set()
        finish.wait(20)
        return Verdict.ACK

    with consuming(broker, "work", verdict=slow) as busy:
        assert started.wait(10)
        with consuming(broker, "work") as idle:
            stays(lambda: not idle.seen, during=1.2)
            finish.set()
            eventually(lambda: broker.depth("work") == 0)
    assert len(busy.seen) == 1
    broker.close()


def test_no_two_dead_letters_share_body_and_moment(broker: EmbeddedBroker, time: VirtualTime) -> None:
    for _copy in range(5):
        broker.publish("work", Message(b"same, without an id"))
    deliveries = broker.claims.claim("work", 5)
    broker.settlement.settle(deliveries, [Verdict.REJECT] * 5)
    moments = {dead.headers["x-death"][0]["time"] for dead in broker.peek("work.dlq", 10)}
    assert len(moments) == 5


def test_what_no_text_column_holds_is_kept_exactly(broker: EmbeddedBroker) -> None:
    sent = Message(b"\x00\xff", "nul \x00 and a lone surrogate \ud800", "\x00", {"\ud800": "\x00"})
    broker.publish("plain", sent)
    assert broker.peek("plain", 1) == [sent]


def test_headers_that_could_not_be_read_back_are_refused(broker: EmbeddedBroker) -> None:
    nested: list[object] = []
    for _level in range(800):
        nested = [nested]
    with pytest.raises(Refused, match="nested too deeply"):
        broker.publish("plain", Message(b"", headers={"nested": nested}))


def test_messages_of_one_database_belong_to_every_broker_on_it(queue_url: str) -> None:
    one, other = EmbeddedBroker(queue_url, TOPOLOGY), EmbeddedBroker(queue_url, TOPOLOGY)
    with consuming(other, "plain") as consumption:
        one.publish("plain", Message(b"across"))
        eventually(lambda: consumption.bodies == [b"across"])
    one.close()
    other.close()


def test_a_waiting_consumer_wakes_at_a_publication_and_not_at_its_next_look(broker: EmbeddedBroker) -> None:
    bodies = [b"%d" % number for number in range(8)]

    def publish_when_the_last_was_seen() -> bool:
        if len(consumption.seen) == len(published):
            published.append(bodies[len(published)])
            broker.publish("plain", Message(published[-1]))
        return len(published) == len(bodies)

    published: list[bytes] = []
    with consuming(broker, "plain") as consumption:
        eventually(publish_when_the_last_was_seen, within=4)  # a look each second would take 7


def test_where_there_is_no_database_the_broker_says_that_it_is_unavailable(tmp_path: Path) -> None:
    broker = EmbeddedBroker(f"sqlite:///{tmp_path}/missing/queue.db", TOPOLOGY)
    calls: list[Callable[[], object]] = [
        broker.ping, lambda: broker.depth("plain"), lambda: broker.oldest("plain"),
        lambda: broker.peek("plain", 1), lambda: broker.publish("plain", Message(b"")),
    ]
    for call in calls:
        with pytest.raises(BrokerUnavailable):
            call()


def test_a_consumer_waits_for_a_database_that_is_away_and_then_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = EmbeddedBroker(f"sqlite:///{tmp_path}/later/queue.db", TOPOLOGY)
    caplog.set_level(logging.WARNING)
    with consuming(broker, "plain") as consumption:
        eventually(lambda: "the queue database failed" in caplog.text)
        (tmp_path / "later").mkdir()
        broker.publish("plain", Message(b"one"))
        eventually(lambda: consumption.seen)
    broker.close()


def test_a_publisher_and_a_consumer_create_dropped_tables_again(queue_url: str) -> None:
    publisher, consumer = EmbeddedBroker(queue_url, TOPOLOGY), EmbeddedBroker(queue_url, TOPOLOGY)
    publisher.ping()
    metadata.drop_all(publisher.store.engine)
    with pytest.raises(BrokerUnavailable):
        publisher.publish("plain", Message(b"one"))
    publisher.publish("plain", Message(b"one"))
    with consuming(consumer, "plain") as consumption:
        eventually(lambda: consumption.seen)
        metadata.drop_all(publisher.store.engine)
        eventually(lambda: inspect(consumer.store.engine).has_table("queue_messages"))
    publisher.close()
    consumer.close()


def test_a_publisher_that_meets_a_locked_database_is_told_in_time(tmp_path: Path) -> None:
    broker = EmbeddedBroker(f"sqlite:///{tmp_path}/queue.db", TOPOLOGY)
    broker.ping()
    impatient = EmbeddedBroker(open_store(f"sqlite:///{tmp_path}/queue.db", busy_seconds=0.1), TOPOLOGY)
    with _locked(broker), pytest.raises(BrokerUnavailable):
        impatient.publish("plain", Message(b"one"))
    assert broker.depth("plain") == 0


def test_the_handler_runs_outside_any_transaction(queue_url: str) -> None:
    broker = EmbeddedBroker(queue_url, TOPOLOGY)
    broker.publish("plain", Message(b"first"))

    def publish_another(delivery: Delivery) -> Verdict:
        if delivery.message.body == b"first":
            other = Thread(target=broker.publish, args=("work", Message(b"second")))
            other.start()
            other.join(3)
            assert not other.is_alive(), "the queue database is locked while the handler runs"
        return Verdict.ACK

    with consuming(broker, "plain", verdict=publish_another):
        eventually(lambda: broker.depth("plain") == 0)
    assert broker.depth("work") == 1
    broker.close()


@contextmanager
def _locked(broker: EmbeddedBroker) -> Iterator[None]:
    with broker.store.connect() as connection:
        connection.execute(text("SELECT 1"))
        yield

