"""What a report says, and how large it may grow."""

import json

from sqlalchemy import text

from reporter import Problem
from reporter.report import Report
from tests.stubs.helpers import eventually
from tests.stubs.reporter.reports import all_sent, report


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
