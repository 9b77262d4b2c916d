"""Take batches in: an answer for each item in order, and one bad item spoils no other."""

import json
from typing import Any

import pytest

from app.desk import Desk
from app.errors import AppError, Forbidden, Invalid, Malformed, TooLarge
from app.services.intake import Receipt, receive, receive_batch
from app.services.queue_intake import receive_reports
from messaging import Delivery, Message
from tests.factories import STOCK_DECREMENT, body, report
from tests.looking import all_failures, assert_consistent, stored_report
from tests.poison import DEEP, MEBIBYTE


def item(key: object, **changes: Any) -> dict[str, Any]:
    return report(**changes) | {"idempotencyKey": key}


def batch(*items: Any) -> bytes:
    return json.dumps({"failures": items}).encode()


def raw_batch(*items: str) -> bytes:
    return ('{"failures": [' + ", ".join(items) + "]}").encode()


def send(desk: Desk, raw: bytes, source: str | None = "warehouse") -> list[Receipt | AppError]:
    answers = receive_batch(desk, raw, source=source)
    assert_consistent(desk)
    return answers


def kinds(answers: list[Receipt | AppError]) -> list[str]:
    return ["replayed" if getattr(answer, "replayed", False) else type(answer).__name__ for answer in answers]


def test_a_thousand_items_are_stored_in_order(desk: Desk) -> None:
    answers = send(desk, batch(*(item(str(number), orderId=str(number)) for number in range(1000))))
    stored = {row.id: row.order_id for row in all_failures(desk)}
    assert [stored[answer.id] for answer in answers] == [str(number) for number in range(1000)]


def test_a_bad_item_has_an_answer_of_its_own_and_the_others_are_stored(desk: Desk) -> None:
    answers = send(desk, batch(
        item("a"), item("b", kind="x"), item("c", source="orders"), "no object", None, item("d",
        remedy=STOCK_DECREMENT),
        report(), item(""), item("x" * 256), item(7), item("e"),
    ))
    assert kinds(answers) == [
        "Receipt", "Invalid", "Forbidden", "Invalid", "Invalid", "Receipt", "Invalid", "Invalid", "Invalid",
        "Invalid", "Receipt",
    ]
    assert len(all_failures(desk)) == 3


@pytest.mark.parametrize(
    "bad",
    ['{"a": 1, "a": 1}', '{"source": "warehouse", "x": ' + "[" * 70 + "]" * 70 + "}",
    '{"deep": ' + "[" * DEEP + "]" * DEEP + "}",
     "[" * 100 + "]" * 100, '{"a": [{"b": 1, "b": 2}]}'],
    ids=["a key twice", "too deep", "far too deep", "arrays alone", "a key twice, deep"],
)
def test_an_item_that_is_too_deep_or_ambiguous_spoils_no_other(desk: Desk, bad: str) -> None:
    good = [json.dumps(item(str(number))) for number in range(2)]
    assert kinds(send(desk, raw_batch(good[0], bad, good[1]))) == ["Receipt", "Invalid", "Receipt"]


def test_an_item_above_one_mebibyte_spoils_no_other(desk: Desk) -> None:
    answers = send(desk, batch(item("a", payload="x" * MEBIBYTE), item("b")))
    assert kinds(answers) == ["TooLarge", "Receipt"]


def test_a_repeated_item_is_the_same_failure_within_a_batch_and_over_batches(desk: Desk) -> None:
    answers = send(desk, batch(item("a"), item("a"), item("b")))
    assert kinds(answers) == ["Receipt", "replayed", "Receipt"]
    assert answers[0].id == answers[1].id
    assert kinds(send(desk, batch(item("b"), item("c"), item("a", orderId="other")))) == ["replayed", "Receipt",
    "Invalid"]


def test_single_batch_and_queue_share_the_keys_of_a_source(desk: Desk) -> None:
    single = receive(desk, body(), key="shared", source="warehouse")
    (in_batch,) = send(desk, batch(item("shared")))
    receive_reports(desk, [Delivery(Message(body(), message_id="shared"), "failures.intake", 1, None)])
    assert isinstance(in_batch, Receipt) and in_batch.id == single.id
    assert [row.id for row in all_failures(desk)] == [single.id]


@pytest.mark.parametrize(
    "around",
    ['{{"failures":[{}]}}', ' \n{{ "failures" \t: [ {} \r\n] }} ',
    '{{"note": {{"failures": [1]}}, "failures": [{}], "after": []}}',
     '{{"fail\\u0075res": [{}]}}'],
)
def test_each_item_is_kept_as_the_very_text_that_came(desk: Desk, around: str) -> None:
    texts = ['{"idempotencyKey" :"a",  ' + body()[1:].decode(),
    '{"idempotencyKey":"б", "n": 1.50, ' + body()[1:].decode()]
    answers = send(desk, around.format(" , ".join(texts)).encode())
    assert [stored_report(desk, answer.id).body.decode() for answer in answers] == texts


def test_strange_values_in_an_item_are_taken_and_kept(desk: Desk) -> None:
    text = '{"idempotencyKey":"a\\u0000\\ud800","payload":[' + "9" * 6000 + ',1e999,"\\ud800"],' + body()[1:].decode()
    (answer,) = send(desk, raw_batch(text))
    assert stored_report(desk, answer.id).body.decode() == text


@pytest.mark.parametrize(
    ("raw", "error"),
    [(b"", Malformed), (b"[]", Invalid), (b"{}", Invalid), (b'{"failures": {}}', Invalid), (b'{"failures": null}',
    Invalid),
     (b'{"failures": [], "failures": []}', Invalid), (b'{"failures": [NaN]}', Malformed), (b'{"failures": [{]}',
     Malformed),
     (b'{"failures": [' + b"[" * DEEP, Invalid), (b'{"failures": [], "x": [[' + b"[" * 100, Invalid),
     (b"[" * DEEP + b"]" * DEEP, Invalid), (b'{"failures": [], "x": ' + b"[" * 100 + b"]" * 100 + b"}", Invalid),
     (batch(*([1] * 1001)), Invalid), (b'{"failures": []}' + b" " * 8 * MEBIBYTE, TooLarge)],
)
def test_a_batch_that_cannot_be_read_is_refused_whole(desk: Desk, raw: bytes, error: type[AppError]) -> None:
    with pytest.raises(error):
        send(desk, raw)
    assert all_failures(desk) == []


def test_an_empty_batch_has_no_answers(desk: Desk) -> None:
    assert send(desk, b'{"failures": [ ]}') == []


def test_a_batch_of_another_s_reports_is_refused_item_by_item(desk: Desk) -> None:
    answers = send(desk, batch(item("a"), item("b")), source="orders")
    assert all(isinstance(answer, Forbidden) for answer in answers)
