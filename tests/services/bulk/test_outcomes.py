"""Every item of a frozen set gets its outcome."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.ids import new_id
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import Failure
from app.queries import bulk as bulk_queries
from app.services.bulk_orders import dry_run, start
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop
from tests.services.bulk.operations import (
    RESOLVE,
    RETRY,
    attempt_all,
    counts,
    make_many,
    progress,
    run_all,
    status_of,
    stock,
)


def test_a_retry_has_succeeded_when_its_attempt_has(desk) -> None:
    stock(desk, 8)  # enough for two of three
    make_many(desk, 3)
    bulk_id, total = start(desk, RETRY)
    assert (total, counts(desk, bulk_id)) == (3, ("running", 3, 0, 0, 0))
    run_all(desk)
    assert counts(desk, bulk_id) == ("running", 3, 0, 0, 0)
    attempt_all(desk)
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 2, 1, 0)
    assert progress(desk, bulk_id).finished_at is not None


def test_a_sent_message_counts_as_succeeded(desk, broker) -> None:
    make_failure(desk, remedy=STATUS_MESSAGE, status="review")
    bulk_id, _ = start(desk, RETRY)
    run_all(desk)
    attempt_all(desk, "orders.status")
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 1, 0, 0)
    assert len(broker.queues["orders.status"]) == 1


@pytest.mark.parametrize(("action", "status"), [("resolve", "resolved"), ("discard", "discarded")])
def test_resolve_and_discard_close_every_item(desk, action, status) -> None:
    make_shop(desk)
    made = make_many(desk, 25)
    bulk_id, _ = start(desk, replace(RETRY, action=action))
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 25, 0, 0)
    assert {status_of(desk, failure_id) for failure_id in made} == {status}


def test_assign_gives_them_to_somebody(desk) -> None:
    (failure_id,) = make_many(desk, 1)
    start(desk, replace(RETRY, action="assign", assignee="boris"))
    run_all(desk)
    with desk.store.read() as session:
        assert session.get_one(Failure, failure_id).assignee == "boris"


def test_the_set_is_frozen_at_the_start(desk) -> None:
    make_shop(desk)
    make_many(desk, 2)
    bulk_id, total = start(desk, RESOLVE)
    late = make_failure(desk, status="review")
    run_all(desk)
    assert (total, progress(desk, bulk_id).succeeded, status_of(desk, late)) == (2, 2, "review")


def test_what_cannot_take_the_act_is_skipped_with_words(desk) -> None:
    make_shop(desk)
    good, bare, running = (
        make_many(desk, 1)[0], make_failure(desk), make_failure(desk, remedy=STOCK_DECREMENT, status="running"))
    bulk_id, _ = start(desk, replace(RETRY, filter=None, ids=(good, bare, running, new_id(), "nonsense" * 9, good)))
    run_all(desk)
    assert counts(desk, bulk_id) == ("running", 1, 0, 0, 4)
    with desk.store.read() as session:
        page = bulk_queries.items(session, bulk_id, bulk_queries.BulkItemsQuery(outcome="skipped"))
    assert [row.id for row in page.items[:2]] == [bare, running]
    assert all(row.detail for row in page.items)


def test_an_empty_set_is_done_at_once(desk) -> None:
    bulk_id, total = start(desk, RETRY)
    run_all(desk)
    assert (total, counts(desk, bulk_id)) == (0, ("done", 0, 0, 0, 0))


def test_a_dry_run_tells_and_does_nothing(desk) -> None:
    make_many(desk, 2)
    make_failure(desk)
    total, effects = dry_run(desk, RETRY)
    assert total == 3
    assert {(effect.before, effect.after, effect.number) for effect in effects} == {
        ("review", "scheduled", 2), ("review", None, 1)}
    total, effects = dry_run(desk, RESOLVE)  # with a remedy or without: the same for them
    assert (total, [effect.number for effect in effects]) == (3, [3])
    total, effects = dry_run(desk, replace(RETRY, filter=None, ids=(new_id(),)))
    assert (total, effects[0].what) == (1, "unknown")
    with desk.store.read() as session:
        assert session.scalars(select(BulkOperation)).all() == []


def test_every_item_names_who_and_why_in_its_history(desk, admin, client) -> None:
    make_shop(desk)
    (failure_id,) = make_many(desk, 1)
    start(desk, RESOLVE)
    run_all(desk)
    event = client.get(f"/api/v1/failures/{failure_id}", headers=admin).json["events"][-1]
    assert (event["actor"], event["reason"], event["to"]) == ("anna", "stock is back", "resolved")


def test_what_waits_and_what_is_under_way_are_paged_as_one_in_order(desk) -> None:
    make_many(desk, 6)
    bulk_id, _ = start(desk, RETRY)
    with desk.store.write() as session:
        session.execute(update(BulkItem).where(BulkItem.position.in_((2, 5))).values(outcome="started"))
        session.execute(update(BulkItem).where(BulkItem.position == 3).values(outcome="succeeded"))
        order = session.scalars(select(BulkItem.failure_id).order_by(BulkItem.position)).all()
    seen: list[str] = []
    cursor: str | None = None
    with desk.store.read() as session:
        while True:
            query = bulk_queries.BulkItemsQuery(outcome="pending", limit=2, cursor=cursor)
            page = bulk_queries.items(session, bulk_id, query)
            seen += [row.id for row in page.items]
            if (cursor := page.next_cursor) is None:
                break
    assert seen == [order[position - 1] for position in (1, 2, 4, 5, 6)]
