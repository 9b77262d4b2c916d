"""What follows an operation: those that failed, and those that came in since, each as an operation of its own."""

from dataclasses import replace

from sqlalchemy import update

from app.desk import Desk
from app.models.bulk import BulkItem
from app.queries import bulk_course
from app.queries.counts import Count
from app.queries.filters import FailureFilter
from app.services import returned
from app.services.bulk_orders import BulkOrder, dry_run, start
from tests.factories import STATUS_MESSAGE, make_failure, make_shop
from tests.services.bulk.operations import RESOLVE, RETRY, attempt_all, counts, make_many, progress, run_all, stock


def failed_of(bulk_id: str) -> BulkOrder:
    return replace(RETRY, filter=FailureFilter(failedIn=bulk_id))


def arrived(desk: Desk, bulk_id: str) -> Count:
    with desk.store.read() as session:
        return bulk_course.arrived(session, progress(desk, bulk_id))


def test_only_those_that_failed_are_tried_again_and_theirs_is_a_frozen_set_too(desk) -> None:
    stock(desk, 8)  # enough for two of four
    make_many(desk, 4)
    first, _ = start(desk, RETRY)
    run_all(desk)
    attempt_all(desk)
    run_all(desk)
    assert counts(desk, first) == ("done", 0, 2, 2, 0)
    assert dry_run(desk, failed_of(first))[0] == 2
    second, total = start(desk, failed_of(first))
    make_failure(desk, status="review")
    run_all(desk)
    attempt_all(desk)
    run_all(desk)
    assert (total, counts(desk, second)) == (2, ("done", 0, 0, 2, 0))
    assert counts(desk, first) == ("done", 0, 2, 2, 0)


def test_what_matches_since_is_counted_and_added_as_an_operation_of_its_own(desk) -> None:
    make_shop(desk)
    make_many(desk, 2)
    first, _ = start(desk, RESOLVE)
    assert arrived(desk, first) == Count(0)
    late = make_many(desk, 3)
    assert arrived(desk, first) == Count(3)
    others = FailureFilter.model_validate(bulk_course.since_then(progress(desk, first)))
    second, total = start(desk, replace(RESOLVE, filter=others))
    run_all(desk)
    assert (total, counts(desk, second), counts(desk, first)) == (
        3, ("done", 0, 3, 0, 0), ("done", 0, 2, 0, 0))
    assert arrived(desk, first) == Count(0) and late


def test_nothing_is_offered_after_an_operation_over_named_or_left_over_failures(desk) -> None:
    (failure_id,) = make_many(desk, 1)
    for order in (replace(RETRY, filter=None, ids=(failure_id,)), failed_of("x"),
                  replace(RETRY, filter=FailureFilter(notIn="x"))):
        bulk_id, _ = start(desk, order)
        make_many(desk, 1)
        assert arrived(desk, bulk_id) == Count(0)


def test_the_look_for_later_ones_goes_no_further_than_the_newest(desk, monkeypatch) -> None:
    monkeypatch.setattr(bulk_course, "MOST_ARRIVED", 3)
    bulk_id, _ = start(desk, RESOLVE)
    make_many(desk, 5)
    assert arrived(desk, bulk_id) == Count(3, more=True)


def test_its_speed_is_that_of_the_last_minute_and_tells_the_rest(desk, clock) -> None:
    make_shop(desk)
    make_many(desk, 30)
    bulk_id, _ = start(desk, replace(RETRY, pace=2.0))
    with desk.store.read() as session:
        assert bulk_course.pace(session, progress(desk, bulk_id), clock()) is None
    with desk.store.write() as session:
        session.execute(update(BulkItem).where(BulkItem.position <= 10).values(outcome="succeeded", at=clock()))
    clock.advance(5)
    with desk.store.read() as session:
        pace = bulk_course.pace(session, progress(desk, bulk_id), clock())
    assert pace is not None and (pace.per_second, pace.rest.total_seconds()) == (2.0, 10.0)
    clock.advance(60)
    with desk.store.read() as session:
        assert bulk_course.pace(session, progress(desk, bulk_id), clock()) is None


def test_the_most_frequent_reasons_of_failed_items_come_first(desk) -> None:
    make_many(desk, 4)
    bulk_id, _ = start(desk, RETRY)
    with desk.store.write() as session:
        session.execute(update(BulkItem).values(outcome="failed", detail="often"))
        session.execute(update(BulkItem).where(BulkItem.position == 1).values(detail="once, password=hunter2"))
    with desk.store.read() as session:
        reasons = bulk_course.reasons(session, bulk_id)
    assert reasons[0] == ("often", 3) and "hunter2" not in reasons[1][0]


def test_messages_that_were_sent_are_told_apart_until_they_are_confirmed(desk) -> None:
    failure_id = make_failure(desk, remedy=STATUS_MESSAGE, status="review")
    bulk_id, _ = start(desk, RETRY)
    run_all(desk)
    attempt_all(desk, "orders.status")

    def unconfirmed() -> Count:
        with desk.store.read() as session:
            return bulk_course.afterwards(session, progress(desk, bulk_id)).unconfirmed

    assert (progress(desk, bulk_id).succeeded, unconfirmed()) == (1, Count(1))
    returned.confirm(desk, failure_id, attempt=1, source=None, actor="token:orders")
    assert (progress(desk, bulk_id).succeeded, unconfirmed()) == (1, Count(0))
