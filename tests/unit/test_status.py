"""Every pair of statuses, allowed or not, against the contract's section 4 written out once more."""

from itertools import product

import pytest

from app.domain.status import CLOSED, OPEN, TRANSITIONS, Action, Status, allowed_actions, may_move

# Contract, section 4, line by line. What else is in TRANSITIONS must be named here with its reason.
CONTRACT = {
    "scheduled": {"running", "scheduled", "resolved", "discarded"},
    "running": {"resolved", "scheduled", "sent", "review"},
    "sent": {"resolved", "scheduled", "review"},
    "review": {"scheduled", "resolved", "discarded"},
    "resolved": {"review"},
    "discarded": {"review"},
}
BEYOND = {("scheduled", "review")}  # its target is no longer registered: nobody would ever try again


@pytest.mark.parametrize(("old", "new"), [*product(Status, Status)])
def test_a_failure_moves_only_as_the_contract_says(old: Status, new: Status) -> None:
    assert may_move(old, new) == (new in CONTRACT[old] or (old, new) in BEYOND)


def test_every_status_is_open_or_closed_and_never_both() -> None:
    assert set(Status) == OPEN | CLOSED
    assert not OPEN & CLOSED


def test_nothing_leaves_a_closed_status_but_by_way_of_review() -> None:
    assert {new for old, new in TRANSITIONS if old in CLOSED} == {Status.REVIEW}


def test_a_discarded_failure_can_be_reached_by_a_person_alone() -> None:
    assert {old for old, new in TRANSITIONS if new == Status.DISCARDED} == {Status.REVIEW, Status.SCHEDULED}


@pytest.mark.parametrize("status", [Status.RUNNING, Status.SENT])
def test_a_running_or_sent_failure_offers_a_person_nothing(status: Status) -> None:
    assert allowed_actions(status) == ()


@pytest.mark.parametrize("status", [Status.REVIEW, Status.SCHEDULED])
def test_without_a_remedy_no_retry_is_offered(status: Status) -> None:
    assert Action.RETRY in allowed_actions(status)
    assert Action.RETRY not in allowed_actions(status, has_remedy=False)


@pytest.mark.parametrize("status", [*CLOSED])
def test_a_closed_failure_can_be_reopened_and_talked_about(status: Status) -> None:
    assert set(allowed_actions(status)) == {Action.REOPEN, Action.ASSIGN, Action.COMMENT}


def test_every_offered_action_leads_somewhere_the_life_of_a_failure_knows() -> None:
    leads_to = {Action.RETRY: Status.SCHEDULED, Action.RESOLVE: Status.RESOLVED, Action.DISCARD: Status.DISCARDED,
                Action.REOPEN: Status.REVIEW}
    for status in Status:
        for action in allowed_actions(status):
            assert action not in leads_to or may_move(status, leads_to[action])
