"""Closing by hand: a tombstone goes first, so that a worker that wakes up late does nothing; reopening lifts it."""

from typing import Any

import pytest

from app.desk import Desk
from app.domain.remedy import WAREHOUSE_DATABASE
from app.errors import Conflict
from app.models.claims import Claimed
from app.services import retrying, review
from app.services.rescue import rescue
from storage import open_store
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.fakes import FakeClock
from tests.looking import assert_consistent, events_of, failure, marker_kind, outcomes, status, stock

TARGET = "warehouse-db"


@pytest.fixture(autouse=True)
def shop(desk: Desk):
    make_shop(desk)
    make_stock(desk, leg=100)
    yield
    assert_consistent(desk)


@pytest.fixture(params=[review.discard, review.resolve], ids=["discard", "resolve"])
def close(request: pytest.FixtureRequest, desk: Desk):
    def act(failure_id: str, **options: Any) -> None:
        request.param(desk, failure_id, actor="operator", reason="decided", **options)

    act.status = "discarded" if request.param is review.discard else "resolved"
    return act


def freeze(desk: Desk, clock: FakeClock) -> Claimed:
    """Let a worker claim what is due and freeze past its lease; return what it holds."""
    (claimed,) = retrying._claim(desk, TARGET, "frozen", 1)
    clock.advance(31)
    assert rescue(desk)
    return claimed


def wake(desk: Desk, claimed: Claimed) -> str:
    """Let the frozen worker go on where it stopped; return how its attempt ended."""
    result = retrying.run_one(desk, claimed)
    retrying._record(desk, TARGET, [claimed], [(claimed, result)])
    return result.outcome


def make_away(desk: Desk) -> Any:
    """Make the warehouse's database unreachable; return how to bring it back."""
    here = desk.targets.store(WAREHOUSE_DATABASE)
    desk.targets._stores[WAREHOUSE_DATABASE] = open_store("sqlite:////nowhere/at/all.db")
    return lambda: desk.targets._stores.update({WAREHOUSE_DATABASE: here})


def test_a_worker_that_wakes_up_after_the_closing_does_nothing(desk: Desk, clock: FakeClock, close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    claimed = freeze(desk, clock)
    close(failure_id)
    assert marker_kind(desk, "op-1") == "tombstone"
    assert wake(desk, claimed) == "already_applied"
    assert (stock(desk), status(desk, failure_id), outcomes(desk, failure_id)) == (100, close.status, ["abandoned"])


def test_reopened_and_retried_it_is_applied_once_whoever_wakes_up(desk: Desk, clock: FakeClock, close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    claimed = freeze(desk, clock)
    close(failure_id)
    review.reopen(desk, failure_id, actor="operator", reason="wrong decision")
    review.retry(desk, failure_id, actor="operator")
    assert wake(desk, claimed) == "already_applied"
    assert retrying.work(desk, TARGET, "worker")
    assert wake(desk, claimed) == "already_applied"
    assert (stock(desk), status(desk, failure_id)) == (96, "resolved")


def test_a_correction_after_a_lost_attempt_that_had_its_effect_applies_nothing_more(desk: Desk,
clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    claimed = freeze(desk, clock)
    retrying.run_one(desk, claimed)  # the effect is there; the word of it never came
    corrected = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 50}]}
    review.retry(desk, failure_id, actor="operator", remedy=corrected)
    retrying.work(desk, TARGET, "worker")
    assert (stock(desk), outcomes(desk, failure_id)) == (96, ["abandoned", "already_applied"])


def test_closing_what_was_applied_says_so_and_leaves_the_effect(desk: Desk, clock: FakeClock, close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    retrying.run_one(desk, freeze(desk, clock))
    close(failure_id)
    assert (stock(desk), marker_kind(desk, "op-1")) == (96, "stock_decrement")
    assert events_of(desk, failure_id)[-1].after == {"effect": "was applied before"}


def test_a_stale_form_leaves_no_tombstone_under_a_running_attempt(desk: Desk, close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    (claimed,) = retrying._claim(desk, TARGET, "worker", 1)
    with pytest.raises(Conflict) as caught:
        close(failure_id, version=1)
    assert caught.value.current_status == "running"
    assert wake(desk, claimed) == "applied"
    assert (stock(desk), status(desk, failure_id)) == (96, "resolved")


def test_a_worker_that_was_faster_than_the_closing_wins(desk: Desk, close, monkeypatch: pytest.MonkeyPatch) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    bar, claims = review._bar, []

    def claimed_meanwhile(*arguments: Any, **options: Any) -> Any:
        remark = bar(*arguments, **options)
        claims.extend(retrying._claim(desk, TARGET, "worker", 1))
        return remark

    monkeypatch.setattr(review, "_bar", claimed_meanwhile)
    with pytest.raises(Conflict):
        close(failure_id)
    assert wake(desk, claims[0]) == "applied"
    assert (stock(desk), status(desk, failure_id)) == (96, "resolved")


def test_two_closers_at_once_have_one_winner_and_one_tombstone(desk: Desk, monkeypatch: pytest.MonkeyPatch,
close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    bar = review._bar

    def rival(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(review, "_bar", bar)
        review.discard(desk, failure_id, actor="rival", reason="faster")
        return bar(*arguments, **options)

    monkeypatch.setattr(review, "_bar", rival)
    with pytest.raises(Conflict) as caught:
        close(failure_id)
    assert caught.value.current_status == "discarded"
    assert marker_kind(desk, "op-1") == "tombstone"


def test_closing_waits_for_a_target_where_an_attempt_may_still_be_under_way(desk: Desk, clock: FakeClock,
close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    claimed = freeze(desk, clock)
    bring_back = make_away(desk)
    with pytest.raises(Conflict, match="cannot be reached") as caught:
        close(failure_id)
    assert caught.value.current_status == status(desk, failure_id) == "scheduled"
    bring_back()
    close(failure_id)
    wake(desk, claimed)
    assert stock(desk) == 100


def test_what_was_never_tried_can_be_closed_while_its_target_is_away(desk: Desk, close) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    bring_back = make_away(desk)
    close(failure_id)
    bring_back()
    assert status(desk, failure_id) == close.status
    assert "not written" in events_of(desk, failure_id)[-1].after["tombstone"]


@pytest.mark.parametrize("remedy", [None, STATUS_MESSAGE])
def test_what_writes_into_no_database_needs_no_tombstone(desk: Desk, remedy: Any, close) -> None:
    failure_id = make_failure(desk, remedy=remedy)
    close(failure_id)
    assert status(desk, failure_id) == close.status
    assert events_of(desk, failure_id)[-1].after is None


def test_what_was_put_right_by_hand_is_not_done_again_because_it_was_reported_twice(desk: Desk, close) -> None:
    first, second = (make_failure(desk, remedy=STOCK_DECREMENT) for _ in range(2))
    close(first)
    assert retrying.work(desk, TARGET, "worker")
    assert (status(desk, second), outcomes(desk, second), stock(desk)) == ("resolved", ["already_applied"], 100)


@pytest.mark.parametrize("target", ["yesterday", "warehouse-db"])
def test_a_failure_whose_remedy_no_longer_fits_its_surroundings_can_be_closed(desk: Desk, close, target: str) -> None:
    failure_id = make_failure(desk, remedy={"type": "http_request", "target": target, "path": "/"}, status="review",
    next_attempt_at=None)
    close(failure_id)
    assert failure(desk, failure_id).status == close.status
