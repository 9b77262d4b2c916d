"""Leases and fences: work belongs to one worker at a time, and a late word counts for nothing."""

from datetime import timedelta
from typing import Any

import pytest

from app.desk import Desk
from app.remedies import Outcome, Result
from app.remedies.stock_decrement import StockDecrement
from app.services import retrying
from app.services.rescue import rescue
from tests.factories import (
    STOCK_DECREMENT,
    make_failure,
    make_shop,
    make_stock,
)
from tests.fakes import FakeClock
from tests.looking import (
    actions,
    assert_consistent,
    attempts_of,
    failure,
    outcomes,
    status,
    stock,
)

TARGET = "warehouse-db"


@pytest.fixture(autouse=True)
def shop(desk: Desk):
    make_shop(desk)
    make_stock(desk, leg=100)
    yield
    assert_consistent(desk)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    """Make every stock decrement end with the given result; returns what was run."""

    def answer_with(*results: Result | Exception) -> list[Any]:
        ran: list[Any] = []

        def apply(self: StockDecrement, means: Any, run: Any) -> Result:
            ran.append(run)
            result = results[min(len(ran), len(results)) - 1]
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(StockDecrement, "apply", apply)
        return ran

    return answer_with


def decrement(number: int = 1) -> dict[str, Any]:
    return STOCK_DECREMENT | {"operationId": f"op-{number}", "components": [{"componentId": "leg", "quantity": 1}]}


def many(desk: Desk, number: int) -> list[str]:
    return [make_failure(desk, remedy=decrement(each)) for each in range(number)]


def work(desk: Desk, worker: str = "worker-1", **options: Any) -> bool:
    return retrying.work(desk, TARGET, worker, **options)


def test_a_lease_and_an_attempt_are_written_before_anything_runs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)

    def look(self: StockDecrement, means: Any, run: Any) -> Result:
        row = failure(desk, failure_id)
        assert (row.status, row.fence, row.lease_until) == ("running", run.fence, desk.clock() + timedelta(seconds=30))
        assert [(attempt.number, attempt.outcome) for attempt in attempts_of(desk, failure_id)] == [(1, None)]
        assert_consistent(desk)
        return Result(Outcome.APPLIED, "seen")

    monkeypatch.setattr(StockDecrement, "apply", look)
    work(desk)
    assert outcomes(desk, failure_id) == ["applied"]


def test_no_transaction_of_ours_is_open_while_a_remedy_runs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    make_failure(desk, remedy=STOCK_DECREMENT)

    def report_meanwhile(self: StockDecrement, means: Any, run: Any) -> Result:
        make_failure(desk)  # would wait for our lock, and then fail
        return Result(Outcome.APPLIED, "done")

    monkeypatch.setattr(StockDecrement, "apply", report_meanwhile)
    assert work(desk)


def test_a_worker_that_lost_its_lease_records_nothing(desk: Desk, clock: FakeClock,
monkeypatch: pytest.MonkeyPatch) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    apply, other_worker_ran = StockDecrement.apply, []

    def frozen(self: StockDecrement, means: Any, run: Any) -> Result:
        if not other_worker_ran:
            clock.advance(31)
            other_worker_ran.append(True)
            assert rescue(desk) and work(desk, "worker-2")
            return Result(Outcome.PERMANENT, "the late word of a worker that was frozen")
        return apply(self, means, run)

    monkeypatch.setattr(StockDecrement, "apply", frozen)
    work(desk)
    assert (status(desk, failure_id), outcomes(desk, failure_id)) == ("resolved", ["abandoned", "applied"])
    assert stock(desk) == 96


@pytest.mark.parametrize("claimed_again", [False, True])
def test_a_late_result_never_touches_what_another_has_taken_over(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, claimed_again: bool
) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)

    def frozen(self: StockDecrement, means: Any, run: Any) -> Result:
        clock.advance(31)
        rescue(desk)
        if claimed_again:
            retrying._claim(desk, TARGET, "worker-2", 1)
        return Result(Outcome.PERMANENT, "late")

    monkeypatch.setattr(StockDecrement, "apply", frozen)
    work(desk)
    assert status(desk, failure_id) == ("running" if claimed_again else "scheduled")
    assert outcomes(desk, failure_id) == (["abandoned", None] if claimed_again else ["abandoned"])


def test_two_workers_share_the_work_and_nobody_s_is_done_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "BATCH", 20)
    ids, apply, busy = many(desk, 50), StockDecrement.apply, []

    def with_a_rival(self: StockDecrement, means: Any, run: Any) -> Result:
        if not busy:
            busy.append(True)
            while work(desk, "worker-2"):
                pass
        return apply(self, means, run)

    monkeypatch.setattr(StockDecrement, "apply", with_a_rival)
    while work(desk):
        pass
    assert stock(desk) == 50
    assert {attempt.worker for each in ids for attempt in attempts_of(desk, each)} == {"worker-1", "worker-2"}
    assert all(outcomes(desk, each) == ["applied"] for each in ids)


def test_what_was_not_begun_when_stopping_is_given_back_uncounted(desk: Desk) -> None:
    ids, begun = many(desk, 5), []

    def stopping() -> bool:
        begun.append(True)
        return len(begun) > 2

    assert work(desk, stopping=stopping)
    assert [status(desk, each) for each in ids] == ["resolved", "resolved", "scheduled", "scheduled", "scheduled"]
    left = failure(desk, ids[-1])
    assert (left.attempts_made, left.attempts_counted, left.next_attempt_at) == (0, 0, desk.clock())
    assert attempts_of(desk, left.id) == []
    assert actions(desk, left.id) == ["received", "claimed", "given_back"]
    assert work(desk)
    assert outcomes(desk, left.id) == ["applied"]


def test_after_three_misses_in_a_row_the_rest_of_a_batch_is_given_back(desk: Desk, answer) -> None:
    ran = answer(Result(Outcome.PASSING, "away", unavailable=True))
    ids = many(desk, 10)
    work(desk)
    assert len(ran) == 3
    assert sum(failure(desk, each).attempts_made for each in ids) == 3


def test_thirty_effects_whose_word_was_lost_are_found_done(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(desk, 30)
    with monkeypatch.context() as patch:
        patch.setattr(retrying, "_record", lambda *_: None)
        while work(desk, "dies"):
            pass
    assert stock(desk) == 70
    clock.advance(31)
    assert rescue(desk)
    while work(desk):
        pass
    assert stock(desk) == 70
    assert all(outcomes(desk, each) == ["abandoned", "already_applied"] for each in ids)
