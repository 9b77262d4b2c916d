"""Workers that die, workers side by side, and people in between: each item once."""

import pytest
from sqlalchemy import select, update

from app.models.failure import Failure
from app.services import bulk, bulk_steering, review
from app.services.bulk_orders import start
from tests.factories import make_shop
from tests.services.bulk.operations import (
    RESOLVE,
    RETRY,
    attempt_all,
    counts,
    make_many,
    progress,
    run_all,
    started,
    status_of,
    stock,
)


def test_a_worker_that_dies_between_two_items_loses_and_doubles_none(desk, monkeypatch) -> None:
    stock(desk, 1000)
    make_many(desk, 5)
    bulk_id, _ = start(desk, RETRY)
    act, calls = bulk._act, []

    class Died(BaseException):
        pass

    def act_and_die(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise Died
        act(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "_act", act_and_die)
    with pytest.raises(Died):
        bulk.run_some(desk)
    run_all(desk)
    attempt_all(desk)
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 5, 0, 0)
    with desk.store.read() as session:
        assert {failure.attempts_made for failure in session.scalars(select(Failure))} == {1}


def test_the_item_and_its_failure_change_in_one_transaction(desk, monkeypatch) -> None:
    (failure_id,) = make_many(desk, 1)
    bulk_id, _ = start(desk, RETRY)
    mark = bulk._mark

    def mark_and_die(*arguments: object) -> bool:
        mark(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(bulk, "_mark", mark_and_die)
    with pytest.raises(KeyboardInterrupt):
        bulk.run_some(desk)
    assert (status_of(desk, failure_id), started(desk, bulk_id)) == ("review", 0)


def test_two_workers_never_take_the_same_item(desk) -> None:
    make_shop(desk)
    make_many(desk, 4)
    bulk_id, _ = start(desk, RESOLVE)
    first = bulk._next(desk, bulk_id)
    bulk._advance(desk, bulk_id)
    with pytest.raises(bulk._NotNow), desk.store.write() as session:
        bulk._book(session, desk, bulk_id, first[1][0][0], goes_on=False)


def test_an_item_that_a_person_takes_over_is_skipped(desk) -> None:
    make_shop(desk)
    one, two, three = make_many(desk, 3)
    bulk_id, _ = start(desk, RETRY)
    run_all(desk)
    review.retry(desk, one, actor="boris")
    review.resolve(desk, two, actor="boris", reason="by hand")
    with desk.store.write() as session:  # as a worker leaves it that found no target
        session.execute(update(Failure).where(Failure.id == three).values(status="review", reason="no target"))
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 0, 1, 2)


@pytest.mark.parametrize("act", ["pause", "cancel"])
def test_what_was_under_way_when_it_was_held_ends_when_a_person_takes_it_over(desk, act) -> None:
    make_shop(desk)
    (failure_id,) = make_many(desk, 1)
    bulk_id, _ = start(desk, RETRY)
    run_all(desk)
    getattr(bulk_steering, act)(desk, bulk_id, actor="anna")
    assert progress(desk, bulk_id).under_way == 1
    review.resolve(desk, failure_id, actor="boris", reason="by hand")
    run_all(desk)
    assert (progress(desk, bulk_id).pending, progress(desk, bulk_id).skipped) == (0, 1)
