"""Real processes and SIGKILL: nothing that was published is lost, nothing that was acknowledged comes back."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event

from messaging import Delivery, Message, Verdict
from messaging.embedded import EmbeddedBroker
from tests.messaging.rig import TOPOLOGY, eventually

pytestmark = pytest.mark.crash

SPAWN = get_context("spawn")
LEASE = 1.0


def test_a_consumer_killed_before_or_after_its_handler_loses_nothing(queue_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "handled"
    bodies = {b"%d" % number for number in range(10)}
    broker = _broker(queue_url)
    for body in bodies:
        broker.publish("plain", Message(body))
    for victim in (_killed_before_its_handler, _killed_before_its_acknowledgement):
        assert _run(victim, queue_url, journal) == -signal.SIGKILL
        assert broker.depth("plain") == 10
    deliveries = _drain(broker)
    assert len(_handled(journal)) == 4
    assert deliveries.keys() == bodies
    assert sum(deliveries.values()) == 10 + 4 + 4
    broker.close()


def test_a_publisher_killed_before_the_commit_has_published_nothing(queue_url: str, tmp_path: Path) -> None:
    broker = _broker(queue_url)
    broker.ping()
    assert _run(_killed_before_the_commit, queue_url, tmp_path / "journal") == -signal.SIGKILL
    assert broker.depth("plain") == 0
    broker.close()


def test_a_publisher_killed_after_the_commit_has_published(queue_url: str, tmp_path: Path) -> None:
    assert _run(_killed_after_the_commit, queue_url, tmp_path / "journal") == -signal.SIGKILL
    broker = _broker(queue_url)
    assert [message.body for message in broker.peek("plain", 10)] == [b"one"]
    broker.close()


def test_processes_that_share_a_queue_handle_every_message_once(queue_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "handled"
    broker = _broker(queue_url)
    for number in range(300):
        broker.publish("plain", Message(b"%d" % number))
    consumers = [_start(_consume_until_empty, queue_url, journal) for _number in range(2)]
    assert [_ended(consumer) for consumer in consumers] == [0, 0]
    assert Counter(_handled(journal)) == Counter(b"%d" % number for number in range(300))
    assert broker.depth("plain") == 0
    broker.close()


def test_a_consumer_killed_while_it_dead_letters_leaves_each_message_in_exactly_one_queue(
    queue_url: str, tmp_path: Path
) -> None:
    broker = _broker(queue_url)
    broker.publish("work", Message(b"bad"))
    assert _run(_killed_while_it_dead_letters, queue_url, tmp_path / "journal") == -signal.SIGKILL
    assert (broker.depth("work"), broker.depth("work.dlq")) == (1, 0)
    broker.close()


def test_ten_processes_that_start_at_once_create_the_tables_together(queue_url: str, tmp_path: Path) -> None:
    starters = [_start(_publish_one, queue_url, tmp_path / "journal") for _number in range(10)]
    assert [_ended(starter) for starter in starters] == [0] * 10
    broker = _broker(queue_url)
    assert broker.depth("plain") == 10
    broker.close()


# What runs in the processes.


def _killed_before_its_handler(url: str, _journal: Path) -> None:
    _broker(url).consume(["plain"], _die, stop=Event(), batch=4)


def _killed_before_its_acknowledgement(url: str, journal: Path) -> None:
    def handle_and_die(deliveries: Sequence[Delivery]) -> list[Verdict]:
        _write(journal, deliveries)
        return _die(deliveries)

    _broker(url).consume(["plain"], handle_and_die, stop=Event(), batch=4)


def _killed_before_the_commit(url: str, _journal: Path) -> None:
    broker = _broker(url)
    broker.ping()
    event.listen(broker.store.engine, "commit", _die)
    broker.publish("plain", Message(b"one"))


def _killed_after_the_commit(url: str, _journal: Path) -> None:
    _broker(url).publish("plain", Message(b"one"))
    _die()


def _killed_while_it_dead_letters(url: str, _journal: Path) -> None:
    broker = _broker(url)

    def die_at_the_next_commit(deliveries: Sequence[Delivery]) -> list[Verdict]:
        event.listen(broker.store.engine, "commit", _die)
        return [Verdict.REJECT] * len(deliveries)

    broker.consume(["work"], die_at_the_next_commit, stop=Event())


def _consume_until_empty(url: str, journal: Path) -> None:
    broker, stop = _broker(url), Event()

    def handle(deliveries: Sequence[Delivery]) -> list[Verdict]:
        _write(journal, deliveries)
        if broker.depth("plain") <= len(deliveries):
            stop.set()
        return [Verdict.ACK] * len(deliveries)

    broker.consume(["plain"], handle, stop=stop, batch=5, paused=lambda: _is_empty(broker, stop))


def _publish_one(url: str, _journal: Path) -> None:
    _broker(url).publish("plain", Message(b"one"))


def _is_empty(broker: EmbeddedBroker, stop: Event) -> bool:
    if broker.depth("plain") == 0:
        stop.set()
    return False


def _die(*_arguments: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _write(journal: Path, deliveries: Sequence[Delivery]) -> None:
    with journal.open("ab") as file:
        file.write(b"".join(delivery.message.body + b"\n" for delivery in deliveries))


# What the test itself does.


def _broker(url: str) -> EmbeddedBroker:
    return EmbeddedBroker(url, TOPOLOGY, lease_seconds=LEASE)


def _start(target: Callable[[str, Path], None], url: str, journal: Path) -> BaseProcess:
    process = SPAWN.Process(target=target, args=(url, journal))
    process.start()
    return process


def _ended(process: BaseProcess) -> int | None:
    process.join(60)
    return process.exitcode


def _run(target: Callable[[str, Path], None], url: str, journal: Path) -> int | None:
    return _ended(_start(target, url, journal))


def _handled(journal: Path) -> list[bytes]:
    return journal.read_bytes().split()


def _drain(broker: EmbeddedBroker) -> dict[bytes, int]:
    """Take everything; tells of each body how often it was delivered."""
    taken: dict[bytes, int] = {}

    def emptied() -> bool:
        for delivery in (deliveries := broker.claims.claim("plain", 100)):
            taken[delivery.message.body] = delivery.deliveries
        broker.settlement.settle(deliveries, [Verdict.ACK] * len(deliveries))
        return broker.depth("plain") == 0

    eventually(emptied)
    return taken
