"""A trace goes through the desk: from what was reported, over the failure, to what an attempt sends."""

from collections.abc import Iterator

import pytest

from app.services import retrying
from app.services.dead_letters import receive_dead_letters
from app.services.queue_intake import receive_reports
from tests.deliveries import DEAD, dead, delivery
from tests.factories import body, report
from tests.http_server import Server, answering, serving

TRACE_ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACE = f"00-{TRACE_ID}-{PARENT}-01"
OTHER = f"00-{'a' * 32}-{'b' * 16}-00"
SHIP = {"type": "http_request", "target": "inventory", "path": "/v1/reservations/1/ship"}


@pytest.fixture
def inventory() -> Iterator[Server]:
    with serving(answering(204)) as server:
        yield server


@pytest.fixture
def environment(environment: dict[str, str], inventory: Server) -> dict[str, str]:
    return environment | {"DLO_TARGETS": f'{{"inventory": "{inventory.url}"}}'}


@pytest.fixture
def send(client, admin):
    """Report over REST; returns the failure as the API shows it."""

    def send(header: str | None, **changes) -> dict:
        headers = admin | {"Idempotency-Key": "k"} | ({"traceparent": header} if header else {})
        answer = client.post("/api/v1/failures", json=report(**{"remedy": SHIP} | changes), headers=headers)
        assert answer.status_code == 202
        return client.get(f"/api/v1/failures/{answer.json['id']}", headers=admin).json

    return send


@pytest.fixture
def sent(desk, clock, inventory):
    """Run what is due, and return the `traceparent` that the target was sent."""

    def sent() -> str | None:
        clock.advance(400)
        assert retrying.work(desk, "inventory", "worker-1")
        lines = [line for line in inventory.head.splitlines() if line.lower().startswith("traceparent:")]
        assert len(lines) <= 1
        return lines[0].partition(": ")[2] if lines else None

    return sent


def assert_continued(sent: str | None, trace: str = TRACE) -> None:
    assert sent is not None
    assert (sent[:36], sent[52:]) == (trace[:36], trace[52:])
    assert sent[36:52] != trace[36:52]


def test_a_reports_field_goes_on_to_the_target(send, sent) -> None:
    assert send(None, traceparent=TRACE)["traceparent"] == TRACE
    assert_continued(sent())


def test_a_requests_header_goes_on_to_the_target(send, sent) -> None:
    assert send(TRACE)["traceparent"] == TRACE
    assert_continued(sent())


def test_the_field_goes_before_the_header(send, sent) -> None:
    assert send(OTHER, traceparent=TRACE)["traceparent"] == TRACE
    assert_continued(sent())


def test_an_invalid_field_leaves_the_word_to_the_header(send, sent) -> None:
    send(TRACE, traceparent="00-1-1-01")
    assert_continued(sent())


def test_an_invalid_one_is_kept_as_it_came_and_sent_to_nobody(send, sent) -> None:
    assert send("no trace either", traceparent="00-1-1-01")["traceparent"] == "00-1-1-01"
    assert sent() is None


def test_a_remedys_own_header_gives_way_to_the_failures_trace(send, sent) -> None:
    send(TRACE, remedy=SHIP | {"headers": {"TraceParent": OTHER}})
    assert_continued(sent())


def test_without_a_trace_of_the_failure_the_remedys_own_goes_on(send, sent) -> None:
    send(None, remedy=SHIP | {"headers": {"TraceParent": OTHER}})
    assert_continued(sent(), OTHER)


def test_every_attempt_has_an_id_of_its_own(send, sent, inventory, clock) -> None:
    inventory.answer = answering(503)
    send(TRACE)
    assert_continued(first := sent())
    assert_continued(second := sent())
    assert first != second


def shown(client, admin) -> dict:
    (item,) = client.get("/api/v1/failures", headers=admin).json["items"]
    return client.get(f"/api/v1/failures/{item['id']}", headers=admin).json


def test_a_message_that_died_goes_on_in_its_trace(desk, broker, client, admin, clock) -> None:
    receive_dead_letters(desk, [dead(headers={"traceparent": TRACE})])
    assert shown(client, admin)["traceparent"] == TRACE
    clock.advance(60)
    assert retrying.work(desk, "orders.status", "worker-1")
    (message,) = broker.queues["orders.status"]
    assert_continued(message.headers["traceparent"])


@pytest.mark.parametrize("value", [7, b"x", "мусор", None, {"a": 1}])
def test_a_dead_letters_invalid_header_is_kept_in_the_raw_alone(desk, client, admin, value) -> None:
    receive_dead_letters(desk, [dead(headers={"traceparent": value}, queue=DEAD)])
    assert shown(client, admin)["traceparent"] is None
    assert "traceparent" in shown(client, admin)["raw"]["headers"]


@pytest.mark.parametrize("raw", [body(), b"unreadable"])
def test_a_message_to_the_intake_queue_brings_its_trace_in_a_header(desk, client, admin, raw: bytes) -> None:
    receive_reports(desk, [delivery(raw, headers={"traceparent": TRACE})])
    assert shown(client, admin)["traceparent"] == TRACE
