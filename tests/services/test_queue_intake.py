"""Reports through the queue: the same as over REST, and nothing is dropped, whatever it holds."""

import json

import pytest

from app.desk import Desk
from app.services.intake import receive
from app.services.queue_intake import receive_reports
from messaging import Verdict
from tests.deliveries import delivery
from tests.factories import STOCK_DECREMENT, body
from tests.looking import all_failures, assert_consistent, only_failure, stored_report
from tests.poison import INVALID, MALFORMED, MEBIBYTE, TAKEN


def take(desk: Desk, *deliveries) -> None:
    assert receive_reports(desk, deliveries) == [Verdict.ACK] * len(deliveries)
    assert_consistent(desk)


def test_a_report_by_message_is_stored_as_over_rest(desk: Desk) -> None:
    raw = body(remedy=STOCK_DECREMENT)
    take(desk, delivery(raw, headers={"x": 1}, content_type="text/plain"))
    row, report = only_failure(desk), stored_report(desk, only_failure(desk).id)
    assert (row.status, row.source, row.message_id) == ("scheduled", "warehouse", "m-1")
    assert (report.body, report.via, report.headers, report.content_type) == (raw, "queue", {"x": 1}, "text/plain")


def test_its_message_id_is_its_idempotency_key(desk: Desk) -> None:
    first = receive(desk, body(), key="m-1", source="warehouse")
    take(desk, delivery(body()), delivery(body(), deliveries=2))
    assert only_failure(desk).id == first.id


@pytest.mark.parametrize("name", [*MALFORMED, *INVALID])
def test_what_cannot_be_read_is_kept_to_the_byte_in_review_and_known_again(desk: Desk, name: str) -> None:
    raw = (MALFORMED | INVALID)[name]
    take(desk, delivery(raw))
    take(desk, delivery(raw, deliveries=2))
    row = only_failure(desk)
    assert (row.status, row.source) == ("review", "failures.intake")
    assert row.reason.startswith("It could not be read: ")
    assert stored_report(desk, row.id).body == raw


def test_a_hundred_poisonous_bodies_in_one_batch_keep_no_good_one_back(desk: Desk) -> None:
    poison = list((MALFORMED | INVALID | TAKEN).values())
    batch = [delivery(raw, message_id=str(number)) for number, raw in enumerate(poison)]
    take(desk, *batch, delivery(body(orderId="good"), message_id="good"))
    assert len(all_failures(desk)) == len(poison) + 1
    assert {stored_report(desk, row.id).body for row in all_failures(desk)} >= set(poison)


def test_what_is_too_large_to_be_read_is_kept_whole(desk: Desk) -> None:
    raw = TAKEN["one mebibyte"] + b" " * 2 * MEBIBYTE
    take(desk, delivery(raw))
    assert stored_report(desk, only_failure(desk).id).body == raw


def test_a_message_id_used_again_with_another_body_is_a_new_failure_in_review(desk: Desk) -> None:
    other = body(orderId="other", remedy=STOCK_DECREMENT)
    take(desk, delivery(body()), delivery(other))
    take(desk, delivery(other, deliveries=2))  # its own redelivery is no third failure
    first, second = all_failures(desk)
    assert (second.status, second.reason) == ("review", "Its message id was used before, with another body.")
    assert stored_report(desk, second.id).body == other
    assert first.reason == "It came without a remedy."


def test_unreadable_bodies_under_one_message_id_are_each_kept(desk: Desk) -> None:
    bodies = [b"oops", b'{"a": 1, "a": 2}', b'{"a": 2}', b""]
    take(desk, *(delivery(raw) for raw in bodies))
    assert {stored_report(desk, row.id).body for row in all_failures(desk)} == set(bodies)


def test_nobody_can_take_the_place_where_a_message_used_again_is_kept(desk: Desk) -> None:
    other = body(orderId="other")
    take(desk, delivery(body()), delivery(other))
    taken_key = stored_report(desk, all_failures(desk)[1].id).key
    take(desk, delivery(body(orderId="third"), message_id=taken_key), delivery(body(orderId="fourth")))
    assert {row.order_id for row in all_failures(desk)} == {"536365", "other", "third", "fourth"}


def test_messages_without_an_id_are_each_a_failure_even_when_they_are_alike(desk: Desk) -> None:
    take(desk, delivery(body(), message_id=None), delivery(body(), message_id=None), delivery(body(), message_id=""))
    assert len(all_failures(desk)) == 3


def test_a_message_without_an_id_is_known_when_it_is_delivered_again(desk: Desk) -> None:
    take(desk, delivery(body(), message_id=None))
    take(desk, delivery(body(), message_id=None, deliveries=2))
    only_failure(desk)


@pytest.mark.parametrize("message_id", ["x" * 256, "x" * 100_000, "a\x00", "\ud800", "🪑" * 255, " "])
def test_a_strange_message_id_is_an_id_like_any_other(desk: Desk, message_id: str) -> None:
    take(desk, delivery(body(), message_id=message_id))
    take(desk, delivery(body(), message_id=message_id, deliveries=2))
    take(desk, delivery(body(orderId="other"), message_id=message_id + "!"))
    assert len(all_failures(desk)) == 2


def test_strange_headers_and_content_types_are_kept(desk: Desk) -> None:
    headers = {"\ud800": ["\x00", {"deep": [None, True, 1.5, 10**30]}], "x-failure-id": 5}
    take(desk, delivery(body(), headers=headers, content_type="text/\x00\ud800"))
    report = stored_report(desk, only_failure(desk).id)
    assert report.headers == headers
    assert report.content_type == "text/\ufffd\ufffd"


def test_a_report_that_names_any_source_is_taken_over_the_queue(desk: Desk) -> None:
    take(desk, delivery(json.dumps(json.loads(body()) | {"source": "somebody else"}).encode()))
    assert only_failure(desk).source == "somebody else"
