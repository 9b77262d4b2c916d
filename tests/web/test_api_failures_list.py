"""GET /api/v1/failures."""

import json
from base64 import urlsafe_b64encode

import pytest

from app.queries import search
from tests.conftest import bearer
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure
from tests.queries.counting import counted

URL = "/api/v1/failures"


@pytest.fixture
def listed(client, admin):
    def get(query: str = "") -> list[str]:
        answer = client.get(f"{URL}?{query}", headers=admin)
        assert answer.status_code == 200, answer.json
        return [item["id"] for item in answer.json["items"]]

    return get


def test_failures_come_newest_first(desk, clock, listed) -> None:
    ids = []
    for _ in range(3):
        ids.append(make_failure(desk))
        clock.advance(1)
    assert listed() == ids[::-1]


def test_an_item_says_what_a_list_needs(desk, client, admin) -> None:
    make_failure(desk, remedy=STOCK_DECREMENT, error_status=503, assignee="anna")
    (item,) = client.get(URL, headers=admin).json["items"]
    assert item.items() >= {
        "status": "scheduled", "version": 1, "source": "warehouse", "operation": "stock.decrement", "kind": "db_write",
        "orderId": "536365", "clientId": "17850", "assignee": "anna", "remedyType": "stock_decrement",
        "target": "warehouse-db", "reason": None, "createdAt": "2026-11-22T09:00:00Z",
    }.items()
    assert item["error"] == {"type": "OperationalError", "message": "database is locked", "status": 503}


def test_pages_follow_each_other_without_gap_or_repeat(desk, client, clock, admin) -> None:
    made = []
    for number in range(7):
        made.append(make_failure(desk))
        clock.advance(number % 2)  # some share their moment
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        page = client.get(f"{URL}?limit=3&cursor={cursor}", headers=admin).json
        seen += [item["id"] for item in page["items"]]
        cursor, pages = page["nextCursor"], pages + 1
    assert sorted(seen) == sorted(made)
    assert (len(seen), pages) == (7, 3)


def test_what_arrives_meanwhile_does_not_shift_the_next_page(desk, client, clock, admin) -> None:
    made = []
    for _ in range(4):
        made.append(make_failure(desk))
        clock.advance(1)
    first = client.get(f"{URL}?limit=2", headers=admin).json
    make_failure(desk)
    second = client.get(f"{URL}?limit=2&cursor={first['nextCursor']}", headers=admin).json
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]


@pytest.mark.parametrize(
    ("column", "value", "parameter"),
    [("status", "resolved", "status"), ("source", "orders", "source"), ("operation", "x.y", "operation"),
     ("kind", "http", "kind"), ("order_id", "77", "orderId"), ("assignee", "anna", "assignee"),
     ("queue", "orders.status.dlq", "queue")],
)
def test_each_filter_narrows(desk, listed, column, value, parameter) -> None:
    wanted = make_failure(desk, **{column: value})
    make_failure(desk)
    assert listed(f"{parameter}={value}") == [wanted]


def test_the_group_narrows(desk, client, admin, listed) -> None:
    wanted = make_failure(desk, error_message="another cause")
    make_failure(desk)
    group = client.get(f"{URL}/{wanted}", headers=admin).json["groupId"]
    assert listed(f"group={group}") == [wanted]


def test_since_is_included_and_until_is_not(desk, clock, listed) -> None:
    first = make_failure(desk)
    clock.advance(60)
    second = make_failure(desk)
    assert listed("since=2026-11-22T09:01:00Z") == [second]
    assert listed("until=2026-11-22T09:01:00Z") == [first]
    assert listed("since=2026-11-22T12:01:00+03:00") == [second]
    assert listed("since=2026-11-22") == [second, first]


def test_empty_parameters_are_as_good_as_none(desk, listed) -> None:
    made = make_failure(desk)
    assert listed("status=&q=&since=&cursor=&limit=") == [made]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("status", "lost"), ("kind", "fax"), ("limit", "0"), ("limit", "101"), ("limit", "many"), ("since", "yesterday"),
     ("until", "2026-13-01"), ("cursor", "nonsense"), ("cursor", "%00"), ("q", "q" * 256), ("orderId", "x" * 256),
     ("cursor", urlsafe_b64encode(b'["2026-11-22T09:00:00", "a"]').decode()),
     ("cursor", urlsafe_b64encode(b'["2026-11-22T09:00:00+00:00", 3]').decode()),
     ("cursor", urlsafe_b64encode(json.dumps(["2026-11-22T09:00:00+00:00", "\x00"]).encode()).decode()),
     ("cursor", urlsafe_b64encode(b"[" * 100_00).decode()), ("cursor", urlsafe_b64encode(b"3").decode())],
)
def test_an_invalid_value_is_422_and_named(client, admin, parameter, value) -> None:
    answer = client.get(f"{URL}?{parameter}={value}", headers=admin)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [f"/{parameter}"]


@pytest.mark.parametrize(
    "text", ["536999", "5369", "C-77", "message-1", "op-1", "leg", "OP-1", "no such product", "chair"]
)
def test_search_finds_ids_and_pieces_of_the_error(desk, listed, text) -> None:
    wanted = make_failure(
        desk, remedy=STOCK_DECREMENT, order_id="536999", client_id="C-77", message_id="message-1",
        error_message="no such product: Chair 100%",
    )
    make_failure(desk, remedy=ORDER_STATUS, order_id="1", client_id="2")
    assert listed(f"q={text}") == [wanted]


def test_search_finds_a_failure_by_its_id(desk, listed) -> None:
    wanted = make_failure(desk)
    assert listed(f"q={wanted}") == [wanted]


def test_the_signs_of_like_are_no_wildcards(desk, listed) -> None:
    wanted = make_failure(desk, error_message="100% of it_is")
    make_failure(desk, error_message="100 of itXis")
    assert listed("q=0%25") == listed("q=it_is") == [wanted]


def test_search_reaches_old_failures_by_their_indexes_only(desk, clock, listed, monkeypatch) -> None:
    monkeypatch.setattr(search, "NEWEST", 1)
    old = make_failure(desk, order_id="536999", client_id="C-77", message_id="m-1", error_message="odd")
    clock.advance(1)
    make_failure(desk)
    assert [listed(f"q={text}") for text in ("536999", "5369", "C-77", "m-1", "odd")] == [[old]] * 4 + [[]]


def test_search_reads_indexes(desk) -> None:
    if not desk.store.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics, which a table this small has none of")
    from sqlalchemy import select

    from app.models.failure import Failure

    plan = str(select(Failure.id).where(search.matches("5369")).compile(
        desk.store.engine, compile_kwargs={"literal_binds": True}))
    with desk.store.engine.connect() as connection:
        steps = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plan}")]
    scans = [step for step in steps if step.startswith("SCAN failures") and "ix_failures_created" not in step]
    assert scans == []
    assert any("ix_failures_order" in step for step in steps)
    assert any("ix_failures_message" in step for step in steps)


def test_a_list_costs_one_statement(desk, client, admin) -> None:
    for _ in range(5):
        make_failure(desk)
    with counted(desk) as statements:
        client.get(f"{URL}?status=review&q=x", headers=admin)
    assert len(statements) == 1


def test_a_service_token_may_not_read(client, warehouse) -> None:
    assert client.get(f"{URL}?limit=bad", headers=warehouse).status_code == 403
    assert client.get(URL).status_code == 401
    assert client.get(URL, headers=bearer("x")).status_code == 401


def test_secrets_and_long_messages_are_not_shown_whole(desk, client, admin) -> None:
    make_failure(desk, error_message="password=hunter2 " + "x" * 9000)
    (item,) = client.get(URL, headers=admin).json["items"]
    assert "hunter2" not in item["error"]["message"]
    assert len(item["error"]["message"]) == 500
