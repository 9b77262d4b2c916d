"""The reporter: nothing that a service reports is lost, doubled, or sent out of order."""

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from messaging import FAILURE_ATTEMPT, FAILURE_ID
from reporter import Problem, Reporter, client
from reporter.desk import FAILURES, Desk, Wait, retry_after
from reporter.outbox import Entry, Outbox
from reporter.report import Report
from reporter.sender import LONGEST, Sender, backoff
from storage import Store, open_store
from tests.stubs.helpers import TinyDesk, eventually, free_port


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/service.db", busy_seconds=0.2)
    yield store
    store.close()


@pytest.fixture
def desk() -> TinyDesk:
    return TinyDesk(free_port())


@pytest.fixture
def reporter(store: Store, desk: TinyDesk) -> Iterator[Reporter]:
    reporter = Reporter(desk.url, "a token", "warehouse", store, pace=0.02)
    yield reporter
    reporter.stop()


def report(reporter: Reporter, name: str, **options: object) -> bool:
    odd = Problem("Odd", name)
    return reporter.report(odd, operation="stock.decrement", kind="db_write", key=name, **options)


def states(reporter: Reporter) -> dict[str, str]:
    return {row.key: row.state for row in reporter.outbox.rows()}


def all_sent(reporter: Reporter) -> bool:
    return set(states(reporter).values()) == {"sent"}


def test_a_report_reaches_the_desk_with_its_key_token_and_every_field(reporter, desk):
    with desk.running():
        reporter.start()
        remedy = {"type": "stock_decrement"}
        report(reporter, "one", order_id="536365", client_id="17850", remedy=remedy, review=True)
        eventually(lambda: all_sent(reporter))
    [request] = desk.requests
    assert request.path == "/api/v1/failures"
    assert request.headers["Idempotency-Key"] == "one"
    assert request.headers["Authorization"] == "Bearer a token"
    assert request.headers["Content-Type"] == "application/json"
    body = request.json
    assert body.pop("occurredAt").endswith("Z")
    assert body == {
        "source": "warehouse", "operation": "stock.decrement", "kind": "db_write", "review": True,
        "error": {"type": "Odd", "message": "one", "status": None, "detail": None},
        "orderId": "536365", "clientId": "17850", "remedy": {"type": "stock_decrement"},
    }


def test_the_desks_id_status_and_address_are_kept_with_the_report(reporter, desk):
    with desk.running():
        reporter.start()
        report(reporter, "one")
        eventually(lambda: all_sent(reporter))
    [row] = reporter.outbox.rows()
    assert row.answer_status == 202
    assert (row.failure_status, row.url) == ("scheduled", f"{desk.url}/failures/1")
    assert row.failure_id == json.loads(row.answer)["id"]


def test_while_the_desk_is_down_reports_wait_and_then_arrive_in_order(reporter, desk):
    reporter.start()
    names = [f"report-{number}" for number in range(20)]
    assert [report(reporter, name) for name in names] == [True] * 20
    with desk.running():
        eventually(lambda: all_sent(reporter))
    assert [request.json["error"]["message"] for request in desk.requests] == names


def test_reports_of_a_process_that_died_are_sent_by_the_next_one(store, desk):
    dead = Reporter(desk.url, "a token", "warehouse", store)
    report(dead, "one")
    with desk.running():
        alive = Reporter(desk.url, "a token", "warehouse", store)
        alive.start()
        eventually(lambda: all_sent(alive))
        alive.stop()
    assert [request.headers["Idempotency-Key"] for request in desk.requests] == ["one"]


def test_the_same_key_is_reported_once(reporter, desk):
    report(reporter, "one")
    report(reporter, "one", order_id="another")
    assert reporter.knows("one")
    assert not reporter.knows("two")
    assert len(reporter.outbox.rows()) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 503, 307])
def test_an_answer_that_may_change_holds_the_line_and_is_repeated_byte_for_byte(reporter, desk, status):
    desk.answers = [(status, {"Location": "/elsewhere"})] * 2
    report(reporter, "one")
    report(reporter, "two")
    with desk.running():
        reporter.start()
        eventually(lambda: all_sent(reporter))
    assert [request.headers["Idempotency-Key"] for request in desk.requests] == ["one", "one", "one", "two"]
    assert len({request.body for request in desk.requests[:3]}) == 1
    assert {request.path for request in desk.requests} == {FAILURES}


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refused_report_is_kept_with_the_answer_and_the_line_goes_on(reporter, desk, caplog, status):
    desk.answers = [(status, {})]
    report(reporter, "one")
    report(reporter, "two")
    with desk.running():
        reporter.start()
        eventually(lambda: states(reporter) == {"one": "refused", "two": "sent"})
    refused = reporter.outbox.rows()[0]
    assert (refused.answer_status, refused.answer) == (status, '{"title": "as told"}')
    assert "refused" in caplog.text


def test_an_address_that_is_not_the_desk_takes_nothing(reporter, desk):
    desk.answers = [(200, {})]
    report(reporter, "one")
    with desk.running():
        reporter.start()
        eventually(lambda: all_sent(reporter))
    assert len(desk.requests) == 2


def test_retry_after_is_honoured(reporter, desk):
    desk.answers = [(503, {"Retry-After": "7"})]
    report(reporter, "one")
    with desk.running():
        sender = Sender(reporter.outbox, Desk(desk.url, "a token"), pace=0.02)
        assert sender.drain(threading.Event()) == 7.0
        assert states(reporter) == {"one": "pending"}


def test_retry_after_reads_seconds_and_dates_and_nothing_else():
    assert retry_after("3") == 3.0
    assert retry_after("999999") == 3600.0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("Fri, 01 Jan 2100 00:00:00 GMT") == 3600.0
    for odd in (None, "soon", "nan", ""):
        assert retry_after(odd) is None


def test_the_wait_between_repeats_doubles_up_to_a_cap_and_half_of_it_is_at_random():
    assert [backoff(failures, 1.0, lambda: 1.0) for failures in (1, 2, 3, 4, 5, 6, 99)] == \
        [0.5, 1.0, 2.0, 4.0, 8.0, LONGEST, LONGEST]
    assert backoff(2, 1.0, lambda: 0.0) == 0.5
    assert backoff(2, 0.02, lambda: 1.0) == 0.02


def test_a_report_lives_and_dies_with_the_callers_transaction(reporter, store):
    with store.write() as session:
        report(reporter, "kept", session=session)
    with store.connect() as connection:
        report(reporter, "kept-too", session=connection)
    with pytest.raises(RuntimeError), store.write() as session:
        report(reporter, "undone", session=session)
        raise RuntimeError
    assert len(states(reporter)) == 2


def test_a_key_that_no_header_can_carry_is_replaced_by_its_digest(reporter, desk):
    odd = ("заказ-1", "a\r\nX-Evil: 1", "x" * 256)
    for key in odd:
        reporter.report(Problem("Odd", "x"), operation="o", kind="http", key=key)
    assert all(row.key.startswith("sha256-") for row in reporter.outbox.rows())
    assert all(map(reporter.knows, odd))


def test_two_processes_with_one_outbox_do_not_both_send(store, desk):
    now = [1000.0]
    first, second = Outbox(store, lambda: now[0]), Outbox(store, lambda: now[0])
    reporter = Reporter(desk.url, "a token", "warehouse", store)
    report(reporter, "one")
    assert first.claim("first") is not None
    assert second.claim("second") is None
    now[0] += 21.0
    assert second.claim("second") is not None
    assert first.claim("first") is None
    second.release("second")
    assert first.claim("first") is not None


def test_when_the_outbox_cannot_be_written_the_desk_is_told_directly(reporter, store, desk, caplog):
    with desk.running():
        with store.connect():  # the database is locked
            assert report(reporter, "one")
        assert [request.headers["Idempotency-Key"] for request in desk.requests] == ["one"]
    assert reporter.outbox.rows() == []


def test_when_neither_outbox_nor_desk_works_the_report_waits_in_memory(reporter, store, desk, caplog):
    with store.connect():
        assert not report(reporter, "one")
    assert "only in memory" in caplog.text
    with desk.running():
        reporter.start()
        eventually(lambda: states(reporter) == {"one": "sent"})


def test_a_broken_outbox_never_raises_into_the_callers_flow(tmp_path, desk, caplog):
    broken = Reporter(desk.url, "a token", "warehouse", open_store(f"sqlite:///{tmp_path}/missing/x.db"))
    assert not report(broken, "one")
    assert not broken.confirm(SimpleNamespace(headers={FAILURE_ID: "0198", FAILURE_ATTEMPT: 1}))
    assert caplog.text.count("only in memory") == 2
    with desk.running():
        broken.start()
        eventually(lambda: len(desk.requests) >= 2)
        broken.stop()


def test_a_failure_inside_the_callers_transaction_leaves_it_usable(reporter, store, desk):
    with store.connect() as connection:
        connection.execute(text("ALTER TABLE report_outbox RENAME TO away"))
        connection.execute(text("CREATE TABLE mine (number integer)"))
    with store.write() as session:
        report(reporter, "one", session=session)
        session.execute(text("INSERT INTO mine VALUES (1)"))
    with store.read() as session:
        assert session.execute(text("SELECT count(*) FROM mine")).scalar_one() == 1


def test_what_json_cannot_hold_is_reported_as_text(reporter, desk):
    class Unprintable:
        def __str__(self) -> str:
            raise RuntimeError

    deep: list[object] = []
    for _ in range(1000):
        deep = [deep]
    payload = {"nan": float("nan"), "half": "\ud800", "nul": "\0", "huge": 10**6000, 1: b"\xff", "deep": deep,
               "odd": Unprintable(), "set": {1}}
    report(reporter, "one", payload=payload)
    with desk.running():
        reporter.start()
        eventually(lambda: all_sent(reporter))
    sent = desk.requests[0].json["payload"]
    assert (sent["nan"], sent["half"], sent["nul"], sent["set"]) == ("nan", "\ud800", "\0", [1])
    assert sent["odd"] == "<Unprintable>"


def test_a_report_never_grows_beyond_what_the_desk_takes():
    body = Report("s", Problem("Odd", "x"), "o", "http", payload={"text": "ы" * 400_000}).to_bytes()
    assert len(body) < 1_000_000
    assert json.loads(body)["payload"].endswith("…")


def test_an_exception_is_reported_with_its_type_message_and_stack_trace(reporter, store, desk):
    try:
        with store.write() as session:
            session.execute(text("SELECT * FROM nowhere"))
    except Exception as error:
        reporter.report(error, operation="o", kind="db_write")
    [row] = reporter.outbox.rows()
    error = json.loads(row.body)["error"]
    assert (error["type"], error["message"]) == ("OperationalError", "no such table: nowhere")
    assert "Traceback" in error["detail"]


def test_a_replayed_message_is_confirmed_once_and_an_ordinary_one_is_not(reporter, desk):
    failure = "0198c0de-0000-7000-8000-000000000000"
    replayed = SimpleNamespace(headers={FAILURE_ID: failure, FAILURE_ATTEMPT: 3})
    reporter.confirm(replayed)
    reporter.confirm(replayed)
    reporter.confirm(SimpleNamespace(headers={}))
    with desk.running():
        reporter.start()
        eventually(lambda: all_sent(reporter))
    [request] = desk.requests
    assert request.path == f"/api/v1/failures/{failure}/confirm"
    assert request.json == {"attempt": 3}


@pytest.mark.parametrize("status", [404, 409])
def test_a_confirmation_that_comes_too_late_is_done_with(reporter, desk, status):
    desk.answers = [(status, {})]
    reporter.confirm(SimpleNamespace(headers={FAILURE_ID: "0198", FAILURE_ATTEMPT: "1"}))
    report(reporter, "two")
    with desk.running():
        reporter.start()
        eventually(lambda: states(reporter) == {"confirm-0198-1": "refused", "two": "sent"})


@pytest.mark.parametrize("headers", [
    {FAILURE_ID: "../../admin", FAILURE_ATTEMPT: 1}, {FAILURE_ID: "0198", FAILURE_ATTEMPT: "-1"},
    {FAILURE_ID: "0198"}, {FAILURE_ID: 5.5, FAILURE_ATTEMPT: 1},
])
def test_forged_replay_headers_never_become_an_address(reporter, headers):
    reporter.confirm(SimpleNamespace(headers=headers))
    assert reporter.outbox.rows() == []


def test_a_token_given_as_a_function_is_asked_for_every_request(store, desk, caplog):
    tokens = [None, "old", "new"]
    reporter = Reporter(desk.url, lambda: tokens.pop(0), "warehouse", store, pace=0.02)
    desk.answers = [(401, {}), (401, {})]
    report(reporter, "one")
    with caplog.at_level(logging.DEBUG), desk.running():
        reporter.start()
        eventually(lambda: all_sent(reporter))
        reporter.stop()
    given = [request.headers.get("Authorization") for request in desk.requests]
    assert given == [None, "Bearer old", "Bearer new"]


def test_the_wire_names_are_those_of_the_queue():
    assert (client.FAILURE_ID, client.FAILURE_ATTEMPT) == (FAILURE_ID, FAILURE_ATTEMPT)


def test_a_desk_that_cannot_be_reached_means_wait(desk):
    assert isinstance(Desk(desk.url, "a token").post(Entry("k", FAILURES, b"{}")), Wait)
