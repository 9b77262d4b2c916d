"""Read reports: every fault is listed by its JSON pointer, and nothing strange is an exception."""

import json
from typing import Any

import pytest

from app.domain.report import Known, parse
from app.errors import AppError, Invalid, Malformed
from tests.factories import ORDER_STATUS, STATUS_MESSAGE, STOCK_DECREMENT, body
from tests.poison import INVALID, MALFORMED, TAKEN

KNOWN: Known = {"http_targets": {"inventory"}, "queues": {"orders.status"}}
HTTP_REQUEST = {"type": "http_request", "target": "inventory", "path": "/v1/reservations/1/ship"}


def pointers(**changes: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        parse(body(**changes), KNOWN)
    assert all(fault.detail for fault in caught.value.faults)
    return {fault.pointer for fault in caught.value.faults}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        parse(MALFORMED[name], KNOWN)


@pytest.mark.parametrize("name", INVALID)
def test_json_that_is_no_report_is_invalid(name: str) -> None:
    with pytest.raises(Invalid):
        parse(INVALID[name], KNOWN)


@pytest.mark.parametrize("name", TAKEN)
def test_a_strange_report_is_taken(name: str) -> None:
    assert parse(TAKEN[name], KNOWN).report.operation == "stock.decrement"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"source": None, "operation": "", "kind": "x", "error": {}},
         {"/source", "/operation", "/kind", "/error/type", "/error/message"}),
        ({"error": None}, {"/error"}),
        ({"error": {"type": "", "message": 1, "status": 1.5}}, {"/error/type", "/error/message", "/error/status"}),
        ({"orderId": 1, "clientId": [], "traceparent": {}}, {"/orderId", "/clientId", "/traceparent"}),
        ({"occurredAt": "x", "shipBy": 1, "review": 1}, {"/occurredAt", "/shipBy", "/review"}),
        ({"remedy": "x"}, {"/remedy"}),
        ({"remedy": {}}, {"/remedy/type"}),
        ({"remedy": {"type": "x"}}, {"/remedy/type"}),
        ({"remedy": {"type": "stock_decrement"}}, {"/remedy/operationId", "/remedy/orderId", "/remedy/components"}),
        ({"remedy": STOCK_DECREMENT | {"components": []}}, {"/remedy/components"}),
        ({"remedy": STOCK_DECREMENT | {"operationId": "x" * 256}}, {"/remedy/operationId"}),
        ({"remedy": STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 1}, {"componentId": "",
        "quantity": 0}]}},
         {"/remedy/components/1/componentId", "/remedy/components/1/quantity"}),
        ({"remedy": ORDER_STATUS | {"from": "paid", "to": "reserved"}}, {"/remedy"}),
        ({"remedy": ORDER_STATUS | {"from": "paid", "to": "paid"}}, {"/remedy"}),
        ({"remedy": ORDER_STATUS | {"to": "cancelled"}}, {"/remedy/to"}),
        ({"remedy": HTTP_REQUEST | {"target": "evil.example"}}, {"/remedy/target"}),
        ({"remedy": HTTP_REQUEST | {"path": "//evil"}}, {"/remedy/path"}),
        ({"remedy": HTTP_REQUEST | {"method": "TRACE"}}, {"/remedy/method"}),
        ({"remedy": HTTP_REQUEST | {"headers": {"Host": "evil"}}}, {"/remedy/headers"}),
        ({"remedy": HTTP_REQUEST | {"headers": {"X": 1}}}, {"/remedy/headers/X"}),
        ({"remedy": STATUS_MESSAGE | {"queue": "amq.direct"}}, {"/remedy/queue"}),
        ({"remedy": {"type": "publish_message", "queue": "orders.status"}}, {"/remedy"}),
        ({"remedy": STATUS_MESSAGE | {"bodyBase64": "AA=="}}, {"/remedy"}),
        ({"remedy": {"type": "publish_message", "queue": "orders.status", "bodyBase64": "!"}}, {"/remedy/bodyBase64"}),
    ],
)
def test_every_fault_is_listed_by_its_pointer(changes: dict[str, Any], expected: set[str]) -> None:
    assert pointers(**changes) == expected


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 2.0, "4", True, None, 10**10, [], {}])
def test_a_quantity_is_a_whole_positive_number_or_a_fault(quantity: Any) -> None:
    remedy = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": quantity}]}
    assert pointers(remedy=remedy) == {"/remedy/components/0/quantity"}


def test_a_pointer_is_escaped_as_rfc_6901_says() -> None:
    assert pointers(remedy=HTTP_REQUEST | {"headers": {"a/b~c": 1}}) == {"/remedy/headers/a~1b~0c"}


def test_the_fault_of_a_key_that_stands_twice_names_it() -> None:
    with pytest.raises(Invalid, match="'source' stands twice"):
        parse(INVALID["a key twice"], KNOWN)


def test_a_remedy_for_a_message_or_a_call_is_kept_as_it_was_written() -> None:
    written = HTTP_REQUEST | {"method": "post", "body": {"note": "a\x00\ud800", "n": 1.0}, "colour": "red"}
    assert parse(body(remedy=written), KNOWN).remedy == written


@pytest.mark.parametrize("name", ["operationId", "orderId"])
def test_a_remedy_for_a_database_holds_only_what_a_database_takes(name: str) -> None:
    remedy = parse(body(remedy=STOCK_DECREMENT | {name: "a\x00\ud800"}), KNOWN).remedy
    assert remedy is not None and remedy[name] == "a\ufffd\ufffd"


@pytest.mark.parametrize(
    ("written", "read"),
    [("2026-11-22T01:02:03Z", "2026-11-22T01:02:03+00:00"), ("2026-11-22T04:02:03.5+03:00",
    "2026-11-22T01:02:03.500000+00:00"),
     ("2026-11-22t01:02:03z", "2026-11-22T01:02:03+00:00"), ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00")],
)
def test_a_moment_is_read_in_utc(written: str, read: str) -> None:
    moment = parse(body(occurredAt=written), KNOWN).report.occurredAt
    assert moment is not None and moment.isoformat() == read


@pytest.mark.parametrize(
    "written", ["9999-12-31T23:59:59-01:00", "2026-11-22", "2026-11-22 01:02:03Z", "01:02:03Z", "", " ",
    "2026-13-01T00:00:00Z", "٢٠٢٦-11-22T00:00:00Z"]
)
def test_what_is_no_moment_is_a_fault(written: str) -> None:
    assert pointers(occurredAt=written) == {"/occurredAt"}


def test_no_byte_changed_in_a_report_makes_anything_but_an_answer() -> None:
    good = bytearray(json.dumps({"source": "warehouse", "operation": "x", "kind": "http", "error": {"type": "T",
    "message": "m"}}).encode())
    for place in range(len(good)):
        for value in (0, 0x22, 0x5C, 0x7B, 0x7D, 0x5D, 0x80, 0xFF):
            spoilt = bytes(good[:place]) + bytes([value]) + bytes(good[place + 1 :])
            try:
                parse(spoilt, KNOWN)
            except AppError as error:
                assert error.status in (400, 422)
