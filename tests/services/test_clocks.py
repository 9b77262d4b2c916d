"""Workers on machines whose clocks differ: leases are by the database's clock, which they share."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk import Desk
from app.services import retrying
from app.services.rescue import rescue
from app.services.review import retry
from storage import open_store, utcnow
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.looking import failure, outcomes, status, stock

TARGET = "warehouse-db"


@pytest.fixture
def right(desk: Desk) -> Iterator[Desk]:
    """A desk that knows the time, on the database's own clock."""
    if desk.store.is_sqlite:
        pytest.skip("who shares a SQLite file shares a machine, and its clock")
    make_shop(desk)
    make_stock(desk, leg=100)
    with closing(open_store(desk.settings.database_url)) as store:
        yield replace(desk, store=store, clock=utcnow)


@pytest.fixture(params=[-3, 3], ids=["slow", "fast"])
def wrong(right: Desk, request: pytest.FixtureRequest) -> Desk:
    """A desk on the same database, whose machine's clock is hours wrong."""
    return replace(right, clock=lambda: utcnow() + timedelta(hours=request.param))


def due_now(desk: Desk) -> str:
    return make_failure(desk, remedy=STOCK_DECREMENT, next_attempt_at=utcnow())


def test_a_worker_whose_clock_is_wrong_steals_no_lease(right: Desk, wrong: Desk) -> None:
    failure_id = due_now(right)
    claimed = retrying._claim(right, TARGET, "right", 1)
    assert not rescue(wrong)
    assert not retrying.work(wrong, TARGET, "wrong")
    retrying._record(right, TARGET, claimed, [(each, retrying.run_one(right, each)) for each in claimed])
    assert (status(right, failure_id), outcomes(right, failure_id), stock(right)) == ("resolved", ["applied"], 96)


def test_a_worker_whose_clock_is_wrong_keeps_its_lease(right: Desk, wrong: Desk) -> None:
    failure_id = due_now(right)
    claimed = retrying._claim(wrong, TARGET, "wrong", 1)
    left = failure(right, failure_id).lease_until
    assert left is not None and timedelta(seconds=20) < left - utcnow() <= retrying.LEASE
    assert not rescue(right)
    retrying._record(wrong, TARGET, claimed, [(each, retrying.run_one(wrong, each)) for each in claimed])
    assert (status(right, failure_id), outcomes(right, failure_id), stock(right)) == ("resolved", ["applied"], 96)


def test_a_worker_whose_clock_is_wrong_starts_work_when_it_is_due_and_not_before(right: Desk, wrong: Desk) -> None:
    make_failure(right, remedy=STOCK_DECREMENT, next_attempt_at=utcnow() + timedelta(minutes=1))
    assert retrying.due_targets(wrong)[0] == []
    assert not retrying.work(wrong, TARGET, "wrong")
    due_now(right)
    assert retrying.due_targets(wrong)[0] == [TARGET]
    assert retrying.work(wrong, TARGET, "wrong")


def test_what_a_person_wants_now_is_due_now_whatever_the_web_server_s_clock_says(right: Desk, wrong: Desk) -> None:
    failure_id = make_failure(right, remedy=STOCK_DECREMENT, status="review", next_attempt_at=None)
    retry(wrong, failure_id, actor="operator")
    assert retrying.work(right, TARGET, "right")
    assert status(right, failure_id) == "resolved"
