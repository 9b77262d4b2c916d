"""Drain dead-letter queues: everything once, as it came; why it died decides who looks at it."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.desk import Desk
from app.services.dead_letters import receive_dead_letters
from app.services.intake import receive
from app.services.review import discard, resolve
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Delivery, Verdict
from tests.deliveries import DEAD, DIED_AT, STATUS_BODY, dead, delivery, returned
from tests.factories import body
from tests.looking import actions, all_failures, assert_consistent, only_failure, status, stored_report
from tests.poison import INVALID, MALFORMED, TAKEN


def drain(desk: Desk, *deliveries: Delivery) -> None:
    assert receive_dead_letters(desk, deliveries) == [Verdict.ACK] * len(deliveries)
    assert_consistent(desk)


def test_a_dead_letter_is_stored_as_it_came(desk: Desk) -> None:
    drain(desk, dead(headers={"tenant": "north"}, content_type="application/json"))
    row, report = only_failure(desk), stored_report(desk, only_failure(desk).id)
    assert (row.source, row.operation, row.kind, row.queue) == ("payments", "orders.status", "message", DEAD)
    assert (row.order_id, row.client_id, row.message_id, row.error_type) == ("536365", "17850", "m-1", "expired")
    assert (report.body, report.queue, report.message_id, report.via) == (STATUS_BODY, DEAD, "m-1", "dlq")
    assert report.headers["tenant"] == "north" and report.headers["x-death"]


def test_what_expired_is_sent_again_a_minute_later_under_its_own_id_without_its_deaths(desk: Desk) -> None:
    drain(desk, dead(headers={"tenant": "north", FAILURE_ID: "forged", FAILURE_ATTEMPT: 7}))
    row = only_failure(desk)
    assert row.status == "scheduled"
    assert row.next_attempt_at == desk.clock() + timedelta(seconds=60)
    assert row.remedy == {
        "type": "publish_message", "queue": "orders.status", "bodyBase64": base64.b64encode(STATUS_BODY).decode(),
        "headers": {"tenant": "north"}, "messageId": "m-1", "contentType": "application/json",
    }


class TestScaled:
    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"DLO_RETRY_SCALE": "0.02"}

    def test_the_minute_is_scaled(self, desk: Desk) -> None:
        drain(desk, dead())
        assert only_failure(desk).next_attempt_at == desk.clock() + timedelta(seconds=1.2)


@pytest.mark.parametrize("reason", ["rejected", "delivery_limit", "maxlen", "something new", "", "EXPIRED"])
def test_what_died_otherwise_needs_a_person_and_is_not_sent_by_itself(desk: Desk, reason: str) -> None:
    drain(desk, dead(reason=reason))
    row = only_failure(desk)
    assert (row.status, row.next_attempt_at) == ("review", None)
    assert row.reason and row.remedy["type"] == "publish_message"


@pytest.mark.parametrize(
    "x_death",
    [None, [], {}, "expired", [None], ["expired"], [[]], [{}], [{"reason": "expired"}], [{"reason": 5, "queue": "q",
    "count": 1}],
     [{"reason": "expired", "queue": "q", "count": "1"}], [{"reason": "expired", "queue": None, "count": 1}], 10**40,
     [{"reason": "expired", "queue": "q", "count": 2**70}]],
)
def test_without_a_readable_x_death_it_needs_a_person(desk: Desk, x_death: Any) -> None:
    drain(desk, delivery(STATUS_BODY, DEAD, headers={} if x_death is None else {"x-death": x_death}))
    row = only_failure(desk)
    assert (row.status, row.error_type) == ("review", "unknown")
    assert "x-death" in row.reason


@pytest.mark.parametrize("reason", ["\x00", "\ud800", "x" * 10_000, "<script>", "\u202e", "a\r\nb"])
def test_a_forged_reason_of_any_kind_stops_no_consumer(desk: Desk, reason: str) -> None:
    death = {"reason": reason, "queue": "\ud800", "count": 1, "time": "\x00"}
    drain(desk, delivery(STATUS_BODY, DEAD, headers={"x-death": [death]}))
    assert only_failure(desk).status == "review"


def test_a_message_delivered_twice_is_stored_once(desk: Desk) -> None:
    drain(desk, dead(), dead())
    drain(desk, dead(deliveries=2))
    row = only_failure(desk)
    assert actions(desk, row.id) == ["received"]


def test_one_id_on_two_queues_is_two_messages(desk: Desk) -> None:
    drain(desk, dead())
    drain(desk, dead(queue="inventory.order-created.dlq"))
    assert [row.source for row in all_failures(desk)] == ["payments", "orders"]


@pytest.mark.parametrize("message_id", [None, ""])
def test_messages_without_an_id_are_told_apart_by_body_and_moment_of_death(desk: Desk, message_id: str | None) -> None:
    later = DIED_AT + timedelta(seconds=1)
    drain(desk, dead(message_id=message_id), dead(b"other", message_id=message_id), dead(message_id=message_id,
    at=later))
    drain(desk, dead(message_id=message_id, deliveries=2))
    assert len(all_failures(desk)) == 3


def test_messages_with_neither_id_nor_death_are_each_a_failure_however_alike(desk: Desk) -> None:
    alike = [delivery(b"alike", DEAD, message_id=None) for _ in range(3)]
    drain(desk, *alike[:2])
    drain(desk, alike[2])
    drain(desk, delivery(b"alike", DEAD, message_id=None, headers={"colour": "red"}, deliveries=2))
    drain(desk, delivery(b"alike", DEAD, message_id=None, deliveries=2))  # its consumer had died before it said so
    assert len(all_failures(desk)) == 4


def test_ids_that_differ_only_in_what_no_database_takes_are_different_ids(desk: Desk) -> None:
    ids = ["a\x00", "a\ud800", "a\ufffd", "a", "x" * 251, "x" * 252, "x" * 10_000]
    drain(desk, *(dead(b"%d" % number, message_id=name) for number, name in enumerate(ids)))
    assert {stored_report(desk, row.id).body for row in all_failures(desk)} == {b"%d" % number for number in range(7)}


@pytest.mark.parametrize("name", [*MALFORMED, *INVALID, *TAKEN])
def test_whatever_body_died_is_kept_to_the_byte(desk: Desk, name: str) -> None:
    raw = (MALFORMED | INVALID | TAKEN)[name]
    drain(desk, dead(raw, reason="rejected"))
    row = only_failure(desk)
    assert stored_report(desk, row.id).body == raw
    assert base64.b64decode(row.remedy["bodyBase64"]) == raw


@pytest.mark.parametrize(
    ("raw", "ids"),
    [(b'{"orderId": 536365, "clientId": true}', ("536365", None)), (b'{"orderId": "", "clientId": []}', (None, None)),
     (b'{"orderId": "%s"}' % (b"9" * 256), (None, None)), (b'{"orderId": 1.0}', (None, None)), (b"[1]", (None, None)),
     (b'{"orderId": "a\\u0000"}', ("a\ufffd", None)), (b'{"orderId": ' + b"9" * 6000 + b"}", (None, None))],
)
def test_order_and_client_are_read_from_a_json_body(desk: Desk, raw: bytes, ids: tuple[str | None, str | None]) -> None:
    drain(desk, dead(raw))
    assert (only_failure(desk).order_id, only_failure(desk).client_id) == ids


@pytest.mark.parametrize("close", [resolve, discard])
def test_a_closed_failure_whose_message_dies_again_is_reopened(desk: Desk, clock, close: Any) -> None:
    drain(desk, dead(reason="rejected"))
    failure_id = only_failure(desk).id
    close(desk, failure_id, actor="admin", reason="done")
    drain(desk, dead(reason="rejected", deliveries=2))
    assert status(desk, failure_id) != "review"  # the same delivery once more is no news
    clock.advance(60)
    drain(desk, dead(reason="expired", at=clock()))
    row = only_failure(desk)
    assert (row.status, row.reason) == ("review", "Its message came back to the dead-letter queue.")
    assert actions(desk, failure_id)[-1] == "came_back"


def test_an_open_failure_whose_message_dies_again_gets_a_note(desk: Desk, clock) -> None:
    drain(desk, dead())
    drain(desk, dead(at=clock.advance(60)))
    assert actions(desk, only_failure(desk).id) == ["received", "came_back"]
    assert only_failure(desk).status == "scheduled"


@pytest.mark.parametrize(
    "headers",
    [{FAILURE_ID: "nonsense", FAILURE_ATTEMPT: 1}, {FAILURE_ID: 5, FAILURE_ATTEMPT: 1}, {FAILURE_ID: None},
     {FAILURE_ID: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", FAILURE_ATTEMPT: 1},
     {FAILURE_ID: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", FAILURE_ATTEMPT: "1"},
     {FAILURE_ID: "\ud800" * 36, FAILURE_ATTEMPT: True}, {FAILURE_ID: "' OR 1=1", FAILURE_ATTEMPT: 10**40}],
)
def test_forged_ids_are_treated_as_a_new_message(desk: Desk, headers: dict[str, Any]) -> None:
    drain(desk, dead(headers=headers))
    assert only_failure(desk).status == "scheduled"
    assert stored_report(desk, only_failure(desk).id).headers.items() >= headers.items()


def test_the_id_of_a_failure_that_was_never_sent_is_treated_as_a_new_message(desk: Desk) -> None:
    drain(desk, dead())
    first = only_failure(desk)
    drain(desk, returned(first.id, 0, message_id="m-2"), returned(first.id, 1, message_id="m-3"))
    assert len(all_failures(desk)) == 3
    assert status(desk, first.id) == "scheduled"


def test_a_report_cannot_take_the_place_of_a_dead_letter(desk: Desk) -> None:
    receive(desk, body(source=f"queue:{DEAD}"), key="m-1", source=None)
    drain(desk, dead())
    assert len(all_failures(desk)) == 2


def test_the_moment_of_death_may_be_a_real_datetime(desk: Desk) -> None:
    death = {"reason": "expired", "queue": "orders.status", "count": 1, "time": datetime(2026, 11, 22, tzinfo=UTC)}
    take = delivery(STATUS_BODY, DEAD, headers={"x-death": [death], "raw": b"\x00\xff"}, message_id=None)
    drain(desk, take)
    drain(desk, take)
    assert only_failure(desk).status == "scheduled"
