"""Messages that the desk sent again are confirmed to it."""

from types import SimpleNamespace

import pytest

from messaging import FAILURE_ATTEMPT, FAILURE_ID
from tests.stubs.helpers import eventually
from tests.stubs.reporter.reports import all_sent, report, states


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
