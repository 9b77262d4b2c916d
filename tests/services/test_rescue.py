"""Take over what a dead worker left: nothing stays running past its lease, and nothing waits for nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.desk import Desk
from app.models.failure import failures
from app.services import retrying
from app.services.rescue import MOST_ABANDONED, park_unknown_targets, rescue
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.fakes import FakeClock
from tests.looking import actions, assert_consistent, attempts_of, failure, outcomes, status, stock

TARGET = "warehouse-db"


@pytest.fixture(autouse=True)
def shop(desk: Desk):
    make_shop(desk)
    make_stock(desk, leg=100)
    yield
    assert_consistent(desk)


def die(desk: Desk) -> None:
    """Claim what is due and never come back."""
    assert retrying._claim(desk, TARGET, "dies", 20)


def test_a_failure_is_taken_over_when_its_lease_is_over_and_not_before(desk: Desk, clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, requested_by="operator", bulk_id="bulk-1")
    die(desk)
    clock.advance(29.9)
    assert not rescue(desk)
    clock.advance(0.1)
    assert rescue(desk)
    assert not rescue(desk)
    row = failure(desk, failure_id)
    assert (row.status, row.next_attempt_at, row.lease_until) == ("scheduled", clock(), None)
    assert (row.requested_by, row.bulk_id) == ("operator", "bulk-1")  # whose retry it was is not forgotten
    assert outcomes(desk, failure_id) == ["abandoned"]
    retrying.work(desk, TARGET, "lives")
    assert (status(desk, failure_id), stock(desk)) == ("resolved", 96)


def test_an_abandoned_attempt_uses_up_no_try_of_the_schedule(desk: Desk, clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    for _ in range(5):
        die(desk)
        clock.advance(30)
        rescue(desk)
    row = failure(desk, failure_id)
    assert (row.attempts_made, row.attempts_counted, row.fence) == (5, 0, 5)


def test_what_kills_ten_workers_in_a_row_needs_a_person(desk: Desk, clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    for _ in range(MOST_ABANDONED):
        die(desk)
        clock.advance(30)
        rescue(desk)
    assert status(desk, failure_id) == "scheduled"
    die(desk)
    clock.advance(30)
    rescue(desk)
    assert status(desk, failure_id) == "review"
    assert "did not survive" in str(failure(desk, failure_id).reason)


def test_one_attempt_that_ends_begins_the_count_of_the_dead_anew(desk: Desk, clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT | {"orderId": "x"}, abandoned_in_a_row=9)
    retrying.work(desk, TARGET, "lives")
    assert failure(desk, failure_id).abandoned_in_a_row == 0


def test_more_than_one_bite_of_dead_work_is_taken_over_bite_by_bite(desk: Desk, clock: FakeClock) -> None:
    for number in range(7):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": str(number)})
    die(desk)
    clock.advance(30)
    assert [rescue(desk, limit=3) for _ in range(4)] == [True, True, True, False]


def test_a_lease_of_the_far_future_is_not_touched(desk: Desk, clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    die(desk)
    with desk.store.write() as session:
        session.execute(update(failures).values(lease_until=clock() + timedelta(days=1)))
    clock.advance(3600)
    assert not rescue(desk)
    assert attempts_of(desk, failure_id)[0].outcome is None


def test_what_waits_for_a_target_that_is_gone_needs_a_person(desk: Desk) -> None:
    gone = make_failure(desk, remedy=STOCK_DECREMENT, target="a-target-of-yesterday")
    here = make_failure(desk, remedy=STOCK_DECREMENT)
    assert park_unknown_targets(desk)
    assert not park_unknown_targets(desk)
    assert (status(desk, gone), status(desk, here)) == ("review", "scheduled")
    assert failure(desk, gone).reason == "Its target a-target-of-yesterday is not registered here."
    assert actions(desk, gone) == ["received", "no_target"]
