"""When the broker is away or hangs, what does not need it goes on, and nobody waits for it again and again."""

import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask.testing import FlaskClient

from app.desk import BROKER_PATIENCE
from messaging import Message
from tests.fakes import FakeBroker

DEAD = "orders.status.dlq"


@pytest.fixture
def hanging(broker: FakeBroker) -> Iterator[FakeBroker]:
    """A broker that answers nothing until the test ends."""
    broker.hangs = wake = Event()
    yield broker
    broker.hangs = None
    wake.set()


@pytest.mark.parametrize("path", ["/", "/queues", f"/queues/{DEAD}"])
def test_a_page_says_that_the_broker_is_away(operator: FlaskClient, broker: FakeBroker, path: str) -> None:
    broker.away = True
    answer = operator.get(path)
    assert answer.status_code == 200
    assert "брокер недоступен" in answer.text.lower()


def test_polls_wait_for_a_hanging_broker_once(operator: FlaskClient, hanging: FakeBroker) -> None:
    paths = ["/", "/queues", f"/queues/{DEAD}"] * 2
    assert _seconds(lambda: [operator.get(path) for path in paths]) < len(paths) / 2 * BROKER_PATIENCE


def test_readiness_and_the_api_do_not_hang_with_it(client: FlaskClient, hanging: FakeBroker, admin) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, "the broker does not answer" in answer.json["detail"]) == (503, True)
    queues = client.get("/api/v1/queues", headers=admin)
    assert {item["depth"] for item in queues.json["items"]} == {None}
    messages = client.get(f"/api/v1/queues/{DEAD}/messages", headers=admin)
    assert (messages.status_code, "Retry-After" in messages.headers) == (503, True)
    assert _seconds(lambda: client.get("/readyz")) < BROKER_PATIENCE


def test_metrics_do_without_a_broker_that_hangs(client: FlaskClient, hanging: FakeBroker) -> None:
    assert _seconds(lambda: client.get("/metrics")) < BROKER_PATIENCE + 1
    assert "dlo_broker_up 0.0" in client.get("/metrics").text


def test_the_api_tells_a_depth_that_has_just_changed(client: FlaskClient, broker: FakeBroker, admin) -> None:
    for number in range(3):
        broker.publish(DEAD, Message(b"{}"))
        items = client.get("/api/v1/queues", headers=admin).json["items"]
        assert {item["name"]: item["depth"] for item in items}[DEAD] == number + 1


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
