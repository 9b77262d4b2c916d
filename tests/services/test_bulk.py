"""Bulk operations over a frozen set."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from app.desk import Desk
from app.domain.canary import Canary
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.models.bulk import BulkItem, BulkOperation
from app.models.failure import Failure
from app.queries import bulk as bulk_queries
from app.queries.filters import FailureFilter
from app.services import bulk, bulk_steering, retrying, review
from app.services.bulk_orders import BulkOrder, dry_run, start
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop

RETRY = BulkOrder("retry", "anna", "stock is back", filter=FailureFilter(status="review"))
RESOLVE = replace(RETRY, action="resolve")


def progress(desk: Desk, bulk_id: str) -> bulk_queries.BulkProgress:
    with desk.store.read() as session:
        found = bulk_queries.progress(session, bulk_id)
    assert found.pending + found.succeeded + found.failed + found.skipped == found.total
    return found


def counts(desk: Desk, bulk_id: str) -> tuple[str, int, int, int, int]:
    found = progress(desk, bulk_id)
    return found.status, found.pending, found.succeeded, found.failed, found.skipped


def run_all(desk: Desk) -> None:
    while bulk.run_some(desk):
        pass


def attempt_all(desk: Desk, target: str = "warehouse-db") -> None:
    while retrying.work(desk, target, "worker-1"):
        pass


def make_many(desk: Desk, number: int, **columns: object) -> list[str]:
    return [
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{index}"}, status="review", **columns)
        for index in range(number)
    ]


def status_of(desk: Desk, failure_id: str) -> str:
    with desk.store.read() as session:
        return session.get_one(Failure, failure_id).status


def stock(desk: Desk, available: int) -> None:
    make_shop(desk)
    with desk.targets.store("warehouse-db").connect() as connection:
        connection.execute(text("INSERT INTO components VALUES ('leg', :available)"), {"available": available})


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


def test_the_rate_holds_over_all_workers(desk, clock) -> None:
    make_shop(desk)
    make_many(desk, 30)
    bulk_id, _ = start(desk, replace(RESOLVE, pace=4.0))
    done = []
    for _ in range(12):
        bulk.run_some(desk)
        bulk.run_some(desk)  # another worker at the same moment
        done.append(progress(desk, bulk_id).succeeded)
        clock.advance(0.25)
    assert done == list(range(1, 13))


def test_a_canary_tries_a_few_and_waits_for_them(desk) -> None:
    stock(desk, 1000)
    make_many(desk, 10)
    bulk_id, _ = start(desk, replace(RETRY, canary=Canary((1, 5), 0.2)))
    under_way = []
    for _ in range(3):
        run_all(desk)
        under_way.append(started(desk, bulk_id))
        attempt_all(desk)
    run_all(desk)
    assert under_way == [1, 5, 4]
    assert counts(desk, bulk_id) == ("done", 0, 10, 0, 0)


def started(desk: Desk, bulk_id: str) -> int:
    with desk.store.read() as session:
        return len(session.scalars(
            select(BulkItem).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == "started")).all())


def test_a_canary_stops_when_too_many_fail_and_a_person_may_go_on(desk) -> None:
    stock(desk, 4)
    make_many(desk, 10)
    bulk_id, _ = start(desk, replace(RETRY, canary=Canary((1, 5), 0.2)))
    for _ in range(4):
        run_all(desk)
        attempt_all(desk)
    assert counts(desk, bulk_id) == ("stopped", 4, 1, 5, 0)
    assert progress(desk, bulk_id).stop_reason == "5 of the first 6 failed."
    bulk_steering.resume(desk, bulk_id, actor="anna")
    for _ in range(2):
        run_all(desk)
        attempt_all(desk)
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 1, 9, 0)


def test_a_pause_holds_the_rest_and_a_resume_goes_on(desk) -> None:
    make_shop(desk)
    make_many(desk, 3)
    bulk_id, _ = start(desk, RESOLVE)
    bulk_steering.pause(desk, bulk_id, actor="anna")
    assert not bulk.run_some(desk)
    assert counts(desk, bulk_id) == ("paused", 3, 0, 0, 0)
    bulk_steering.resume(desk, bulk_id, actor="anna")
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 3, 0, 0)


def test_a_pause_in_the_middle_of_a_round_is_felt_at_the_next_item(desk, monkeypatch) -> None:
    make_shop(desk)
    make_many(desk, 5)
    bulk_id, _ = start(desk, RESOLVE)
    act, calls = bulk._act, []

    def act_and_pause(*arguments: object) -> None:
        if len(calls) == 2:
            bulk_steering.pause(desk, bulk_id, actor="anna")
        calls.append(1)
        act(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "_act", act_and_pause)
    run_all(desk)
    assert counts(desk, bulk_id) == ("paused", 3, 2, 0, 0)


def test_a_cancel_skips_what_was_not_tried(desk) -> None:
    stock(desk, 1000)
    make_many(desk, 3)
    bulk_id, _ = start(desk, replace(RETRY, canary=Canary((1,), 1.0)))
    run_all(desk)
    bulk_steering.cancel(desk, bulk_id, actor="anna")
    assert counts(desk, bulk_id) == ("cancelled", 1, 0, 0, 2)
    attempt_all(desk)
    run_all(desk)
    assert counts(desk, bulk_id) == ("cancelled", 0, 1, 0, 2)


@pytest.mark.parametrize(
    ("status", "verb"),
    [("done", "pause"), ("done", "resume"), ("done", "cancel"), ("running", "resume"), ("paused", "pause"),
     ("cancelled", "resume"), ("cancelled", "cancel"), ("stopped", "pause")],
)
def test_steering_that_the_status_forbids_is_a_conflict(desk, status, verb) -> None:
    bulk_id, _ = start(desk, RETRY)
    with desk.store.write() as session:
        session.execute(update(BulkOperation).values(status=status))
    with pytest.raises(Conflict) as raised:
        getattr(bulk_steering, verb)(desk, bulk_id, actor="anna")
    assert raised.value.current_status == status
    with pytest.raises(NotFound):
        getattr(bulk_steering, verb)(desk, new_id(), actor="anna")


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


def test_a_bulk_of_retries_keeps_few_under_way(desk, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "ROOM", 4)
    stock(desk, 1000)
    make_many(desk, 10)
    bulk_id, _ = start(desk, RETRY)
    run_all(desk)
    assert started(desk, bulk_id) == 4


def test_every_item_names_who_and_why_in_its_history(desk, admin, client) -> None:
    make_shop(desk)
    (failure_id,) = make_many(desk, 1)
    start(desk, RESOLVE)
    run_all(desk)
    event = client.get(f"/api/v1/failures/{failure_id}", headers=admin).json["events"][-1]
    assert (event["actor"], event["reason"], event["to"]) == ("anna", "stock is back", "resolved")
