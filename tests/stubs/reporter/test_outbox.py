"""The outbox: a report lives with its caller's transaction, and survives what happens to either."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from messaging import FAILURE_ATTEMPT, FAILURE_ID
from reporter import Problem, Reporter
from reporter.outbox import Outbox
from storage import open_store
from tests.stubs.helpers import eventually
from tests.stubs.reporter.reports import all_sent, report, states


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
