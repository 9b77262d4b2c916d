"""Reports are sent in order, repeated until they are taken, and never to somebody else."""

import logging
import threading

import pytest

from messaging import FAILURE_ATTEMPT, FAILURE_ID
from reporter import Reporter, client
from reporter.desk import FAILURES, Desk, Wait, retry_after
from reporter.outbox import Entry
from reporter.sender import LONGEST, Sender, backoff
from tests.stubs.helpers import eventually
from tests.stubs.reporter.reports import all_sent, report, states


def test_while_the_desk_is_down_reports_wait_and_then_arrive_in_order(reporter, desk):
    reporter.start()
    names = [f"report-{number}" for number in range(20)]
    assert [report(reporter, name) for name in names] == [True] * 20
    with desk.running():
        eventually(lambda: all_sent(reporter))
    assert [request.json["error"]["message"] for request in desk.requests] == names


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
