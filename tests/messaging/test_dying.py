"""Contract: dead letters. Why, from where and how often stands in `x-death`; nothing is ever dropped."""

from threading import Event

from messaging import Delivery, Message, Verdict, newest_death
from tests.messaging.rig import LIMIT, TIME_TO_LIVE, Rig, consuming, eventually, stays


def test_a_rejected_message_goes_to_the_dead_letter_queue_at_once(rig: Rig) -> None:
    rig.broker.publish("work", Message(b"\x00not json", "id-1", "text/plain", {"own": "kept"}))
    with consuming(rig.broker, "work", verdict=Verdict.REJECT) as consumption:
        eventually(lambda: rig.broker.depth("work.dlq"))
    [dead] = rig.broker.peek("work.dlq", 10)
    assert len(consumption.seen) == 1
    assert (dead.body, dead.message_id, dead.content_type) == (b"\x00not json", "id-1", "text/plain")
    assert dead.headers["own"] == "kept"
    assert _why(dead) == ("rejected", "work", 1)


def test_x_death_is_written_as_rabbitmq_writes_it(rig: Rig) -> None:
    rig.publish("work", b"bad")
    with consuming(rig.broker, "work", verdict=Verdict.REJECT):
        eventually(lambda: rig.broker.depth("work.dlq"))
    [dead] = rig.broker.peek("work.dlq", 10)
    [entry] = dead.headers["x-death"]
    assert entry.keys() == {"count", "reason", "queue", "time", "exchange", "routing-keys"}
    assert (entry["exchange"], entry["routing-keys"]) == ("", ["work"])
    assert dead.headers["x-first-death-queue"] == "work"
    assert dead.headers["x-first-death-reason"] == "rejected"
    assert dead.headers["x-first-death-exchange"] == ""
    death = newest_death(dead.headers)
    assert death
    assert death.time


def test_after_as_many_deliveries_as_the_limit_allows_a_message_is_dead(rig: Rig) -> None:
    rig.publish("work", b"stubborn")
    with consuming(rig.broker, "work", verdict=Verdict.RETRY) as consumption:
        rig.until(lambda: rig.broker.depth("work.dlq") == 1)
        stays(lambda: len(consumption.seen) == LIMIT)
    [dead] = rig.broker.peek("work.dlq", 10)
    assert _why(dead) == ("delivery_limit", "work", 1)


def test_what_nobody_consumes_in_time_expires_to_the_dead_letter_queue(rig: Rig) -> None:
    rig.publish("brief", b"late")
    rig.time.passes(TIME_TO_LIVE)
    eventually(lambda: rig.broker.depth("brief.dlq") == 1)
    [dead] = rig.broker.peek("brief.dlq", 10)
    assert rig.bodies("brief") == []
    assert _why(dead) == ("expired", "brief", 1)


def test_a_consumer_is_not_given_what_has_expired(rig: Rig) -> None:
    rig.publish("brief", b"late")
    rig.time.passes(TIME_TO_LIVE)
    with consuming(rig.broker, "brief") as consumption, consuming(rig.broker, "brief.dlq") as dead:
        eventually(lambda: dead.bodies == [b"late"])
    assert consumption.seen == []


def test_expiry_goes_on_while_its_consumer_is_paused(rig: Rig) -> None:
    with (consuming(rig.broker, "brief", paused=lambda: True) as consumption,
          consuming(rig.broker, "brief.dlq") as dead):
        rig.publish("brief", b"late")
        stays(lambda: not dead.seen)
        rig.time.passes(TIME_TO_LIVE)
        eventually(lambda: dead.bodies == [b"late"])
    assert consumption.seen == []


def test_what_is_being_handled_does_not_expire(rig: Rig) -> None:
    rig.publish("brief", b"slow")
    started, finish = Event(), Event()

    def slow(_delivery: Delivery) -> Verdict:
        started.set()
        finish.wait(20)
        return Verdict.ACK

    with consuming(rig.broker, "brief", verdict=slow):
        assert started.wait(10)
        rig.time.passes(TIME_TO_LIVE)
        stays(lambda: rig.broker.depth("brief.dlq") == 0)
        finish.set()
        eventually(lambda: rig.broker.depth("brief") == 0)
    assert rig.broker.depth("brief.dlq") == 0


def test_dead_letters_neither_expire_nor_run_out_of_deliveries(rig: Rig) -> None:
    rig.publish("brief", b"late")
    rig.time.passes(TIME_TO_LIVE)
    eventually(lambda: rig.broker.depth("brief.dlq") == 1)
    rig.time.passes(TIME_TO_LIVE)
    with consuming(rig.broker, "brief.dlq", verdict=Verdict.RETRY) as consumption:
        eventually(lambda: len(consumption.seen) > 3 * LIMIT)
    assert consumption.seen[0].deliveries == 1
    eventually(lambda: rig.bodies("brief.dlq") == [b"late"])


def test_where_there_is_no_dead_letter_queue_a_rejected_message_comes_again(rig: Rig) -> None:
    rig.publish("plain", b"unwanted")
    with consuming(rig.broker, "plain", verdict=Verdict.REJECT) as consumption:
        # Time passes at each look: once might be before the consumer has put the message back.
        rig.until(lambda: len(consumption.seen) > LIMIT + 1)
    eventually(lambda: rig.bodies("plain") == [b"unwanted"])


def test_a_second_death_of_the_same_kind_raises_the_count_and_another_kind_comes_first(rig: Rig) -> None:
    rig.publish("work", b"bad")
    for _death in range(2):
        with consuming(rig.broker, "work", verdict=Verdict.REJECT):
            eventually(lambda: rig.broker.depth("work.dlq") == 1)
        dead = _take(rig, "work.dlq")
        rig.broker.publish("work", dead)
    assert _why(dead) == ("rejected", "work", 2)
    rig.broker.publish("brief", dead)
    rig.time.passes(TIME_TO_LIVE)
    eventually(lambda: rig.broker.depth("brief.dlq") == 1)
    dead = _take(rig, "brief.dlq")
    assert [(entry["reason"], entry["count"]) for entry in dead.headers["x-death"]] == [("expired", 1), ("rejected", 2)]
    assert dead.headers["x-first-death-queue"] == "work"


def _take(rig: Rig, queue: str) -> Message:
    with consuming(rig.broker, queue) as consumption:
        eventually(lambda: consumption.seen and rig.broker.depth(queue) == 0)
    return consumption.seen[0].message


def _why(message: Message) -> tuple[str, str, int]:
    death = newest_death(message.headers)
    assert death
    return death.reason, death.queue, death.count
