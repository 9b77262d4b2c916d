"""Take reports in: what was answered is stored, a repeat is the same failure, and nothing strange is lost."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.desk import Desk
from app.errors import Forbidden, Invalid, Malformed, TooLarge
from app.services.intake import ASKED_FOR, receive
from tests.factories import ORDER_STATUS, STATUS_MESSAGE, STOCK_DECREMENT, body
from tests.looking import all_failures, assert_consistent, events_of, failure, only_failure, stored_report
from tests.poison import INVALID, MALFORMED, MEBIBYTE, TAKEN


def send(desk: Desk, raw: bytes | None = None, *, key: str | None = "key-1", source: str | None = "warehouse",
**changes: Any):
    return receive(desk, body(**changes) if raw is None else raw, key=key, source=source)


def test_a_report_with_a_remedy_is_scheduled_and_its_bytes_are_kept(desk: Desk) -> None:
    raw = body(remedy=STOCK_DECREMENT, colour="red")
    receipt = send(desk, raw)
    row = only_failure(desk)
    assert (receipt.id, receipt.status, receipt.replayed) == (row.id, "scheduled", False)
    assert receipt.next_attempt_at == row.next_attempt_at == desk.clock() + timedelta(seconds=5)
    assert (row.target, row.remedy_type, row.remedy) == ("warehouse-db", "stock_decrement", STOCK_DECREMENT)
    assert (row.source, row.operation, row.kind, row.order_id) == ("warehouse", "stock.decrement", "db_write", "536365")
    assert stored_report(desk, row.id).body == raw
    assert [(event.action, event.from_status, event.to_status) for event in events_of(desk, row.id)] == [
        ("received", None, "scheduled")
    ]
    assert_consistent(desk)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({}, "It came without a remedy."), ({"remedy": None}, "It came without a remedy."),
     ({"remedy": STOCK_DECREMENT, "review": True}, ASKED_FOR), ({"review": True}, ASKED_FOR)],
)
def test_without_a_remedy_or_when_asked_for_it_goes_to_review(desk: Desk, changes: dict[str, Any], reason: str) -> None:
    receipt = send(desk, **changes)
    assert (receipt.status, receipt.next_attempt_at) == ("review", None)
    assert failure(desk, receipt.id).reason == reason


@pytest.mark.parametrize("remedy", [STOCK_DECREMENT, ORDER_STATUS, STATUS_MESSAGE])
def test_every_kind_of_remedy_waits_as_its_schedule_says(desk: Desk, remedy: dict[str, Any]) -> None:
    receipt = send(desk, remedy=remedy)
    seconds = 60 if remedy is STATUS_MESSAGE else 5
    assert receipt.next_attempt_at == desk.clock() + timedelta(seconds=seconds)


def test_the_same_key_and_value_is_the_same_failure_and_the_first_answer_again(desk: Desk, clock) -> None:
    first = send(desk, b'{"source": "warehouse", ' + body(remedy=STOCK_DECREMENT)[24:])
    clock.advance(3600)
    again = send(desk, json.dumps(json.loads(body(remedy=STOCK_DECREMENT)), indent=2, sort_keys=True).encode())
    assert (again.id, again.status, again.next_attempt_at) == (first.id, first.status, first.next_attempt_at)
    assert again.replayed
    only_failure(desk)


def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    send(desk)
    with pytest.raises(Invalid, match="used before"):
        send(desk, orderId="536366")
    only_failure(desk)


def test_keys_are_per_source(desk: Desk) -> None:
    assert send(desk, source=None).id != send(desk, body(source="orders"), source=None).id


def test_several_failures_with_one_operation_id_are_each_stored(desk: Desk) -> None:
    assert send(desk, remedy=STOCK_DECREMENT, key="a").id != send(desk, remedy=STOCK_DECREMENT, key="b").id


@pytest.mark.parametrize("key", [None, "", "x" * 256])
def test_a_missing_or_too_long_key_is_a_fault_and_so_is_every_other(desk: Desk, key: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        send(desk, key=key, kind="x")
    assert {fault.pointer for fault in caught.value.faults} == {"/Idempotency-Key", "/kind"}
    assert all_failures(desk) == []


def test_a_key_of_255_characters_is_taken(desk: Desk) -> None:
    assert send(desk, key="x" * 255).id == send(desk, key="x" * 255).id


def test_a_service_may_not_speak_for_another_nor_learn_what_is_wrong_with_such_a_report(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        send(desk, source="orders", kind="x")
    assert all_failures(desk) == []


def test_a_report_of_one_mebibyte_is_taken_and_one_byte_more_is_not(desk: Desk) -> None:
    assert len(TAKEN["one mebibyte"]) == MEBIBYTE
    send(desk, TAKEN["one mebibyte"])
    with pytest.raises(TooLarge):
        send(desk, TAKEN["one mebibyte"] + b" ", key="b")


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_is_refused_and_nothing_is_stored(desk: Desk, name: str) -> None:
    with pytest.raises(Malformed):
        send(desk, MALFORMED[name])
    assert all_failures(desk) == []


@pytest.mark.parametrize("name", INVALID)
def test_what_is_no_report_is_refused_and_nothing_is_stored(desk: Desk, name: str) -> None:
    with pytest.raises((Invalid, Forbidden)):
        send(desk, INVALID[name])
    assert all_failures(desk) == []


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_strange_is_kept_to_the_byte_and_a_repeat_is_known(desk: Desk, name: str) -> None:
    first = send(desk, TAKEN[name], source=None)
    assert stored_report(desk, first.id).body == TAKEN[name]
    assert send(desk, TAKEN[name], source=None).replayed
    row = only_failure(desk)
    for column in (row.error_type, row.error_message, row.order_id or "", row.client_id or "", row.source):
        assert b"\x00" not in column.encode("utf-8")
    assert len(row.error_type) <= 255 and len(row.error_message) <= 10_000


def test_a_source_that_is_named_like_a_queue_takes_no_dead_letter_s_place(desk: Desk) -> None:
    forged = receive(desk, body(source="queue:orders.status.dlq"), key="m-1", source=None)
    assert stored_report(desk, forged.id).scope == "source:queue:orders.status.dlq"


def test_failures_with_one_cause_share_a_group_and_are_counted(desk: Desk) -> None:
    for number in range(20):
        send(desk, key=str(number), error={"type": "Timeout", "message": f"order {number} timed out"})
    send(desk, key="other", error={"type": "Timeout", "message": "nobody there"})
    assert len({row.group_id for row in all_failures(desk)}) == 2
    assert_consistent(desk)


class TestUnregisteredTargets:
    """A desk that knows one target only: what nobody could ever run must not wait for ever."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"DLO_TARGETS": '{"inventory": "http://127.0.0.1:1"}'}

    def test_a_remedy_for_a_database_that_is_not_registered_goes_to_review(self, desk: Desk) -> None:
        receipt = send(desk, remedy=STOCK_DECREMENT)
        assert receipt.status == "review"
        assert failure(desk, receipt.id).reason == "Its target warehouse-db is not registered here."
