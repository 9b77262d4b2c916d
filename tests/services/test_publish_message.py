"""Send a message again: the same id every time, its deaths stripped, and only the broker's word counts."""

import base64
from typing import Any

import pytest

from app.desk import Desk
from app.remedies import REMEDIES, Means, Outcome, Result, Run
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Refused
from tests.factories import STATUS_MESSAGE
from tests.fakes import FakeBroker

QUEUE = "orders.status"


def run_of(desk: Desk, remedy: dict[str, Any], attempt: int = 1) -> Run:
    return Run("f-1", attempt, 1, remedy, desk.clock())


def apply(desk: Desk, remedy: dict[str, Any], attempt: int = 1) -> Result:
    return REMEDIES["publish_message"].apply(Means(desk.targets, desk.broker), run_of(desk, remedy, attempt))


def preview(desk: Desk, remedy: dict[str, Any]):
    return REMEDIES["publish_message"].preview(Means(desk.targets, desk.broker), run_of(desk, remedy))


def test_a_repeat_carries_the_same_message_id_and_another_attempt(desk: Desk, broker: FakeBroker) -> None:
    assert [apply(desk, STATUS_MESSAGE, attempt).outcome for attempt in (1, 2)] == [Outcome.SENT] * 2
    first, second = broker.queues[QUEUE]
    assert first.message_id == second.message_id == "dlo-f-1"
    assert [message.headers for message in (first, second)] == [
        {FAILURE_ID: "f-1", FAILURE_ATTEMPT: 1}, {FAILURE_ID: "f-1", FAILURE_ATTEMPT: 2}
    ]


def test_the_message_keeps_its_own_id_headers_and_type(desk: Desk, broker: FakeBroker) -> None:
    headers = {"tenant": "north", FAILURE_ID: "forged", FAILURE_ATTEMPT: 9, "x-death": [{}], "x-delivery-count": 3,
               "x-first-death-reason": "expired"}
    apply(desk, STATUS_MESSAGE | {"headers": headers, "messageId": "m-1", "contentType": "text/plain"})
    (message,) = broker.queues[QUEUE]
    assert (message.message_id, message.content_type) == ("m-1", "text/plain")
    assert message.headers == {"tenant": "north", FAILURE_ID: "f-1", FAILURE_ATTEMPT: 1}


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"bodyBase64": base64.b64encode(b"\x00\xff").decode()}, b"\x00\xff"), ({"bodyBase64": ""}, b""),
     ({"body": "plain text, ж"}, "plain text, ж".encode()), ({"body": {"a": [1, "ж"]}}, b'{"a":[1,"\\u0436"]}'),
     ({"body": None}, b"null"), ({"body": "\ud800"}, b"\xed\xa0\x80"), ({"body": ""}, b"")],
)
def test_the_body_is_sent_exactly(desk: Desk, broker: FakeBroker, given: dict[str, Any], expected: bytes) -> None:
    apply(desk, {"type": "publish_message", "queue": QUEUE} | given)
    assert broker.queues[QUEUE][0].body == expected


def test_a_broker_that_is_away_is_a_passing_reason_and_unavailable(desk: Desk, broker: FakeBroker) -> None:
    broker.away = True
    result = apply(desk, STATUS_MESSAGE)
    assert (result.outcome, result.unavailable) == (Outcome.PASSING, True)
    assert preview(desk, STATUS_MESSAGE).outcome == "would_fail"


def test_a_queue_that_is_full_is_a_passing_reason(desk: Desk, broker: FakeBroker,
monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Refused("the queue is full")

    monkeypatch.setattr(broker, "publish", full)
    assert (apply(desk, STATUS_MESSAGE).outcome, apply(desk, STATUS_MESSAGE).unavailable) == (Outcome.PASSING, False)


def test_a_queue_that_does_not_exist_is_permanent(desk: Desk) -> None:
    remedy = STATUS_MESSAGE | {"queue": "nowhere"}
    assert apply(desk, remedy).outcome == Outcome.PERMANENT
    assert preview(desk, remedy).outcome == "would_fail"


def test_preview_sends_nothing(desk: Desk, broker: FakeBroker) -> None:
    foreseen = preview(desk, STATUS_MESSAGE)
    assert (foreseen.outcome, foreseen.changes[0].before, foreseen.changes[0].after) == ("would_apply", 0, 1)
    assert not broker.queues[QUEUE]
