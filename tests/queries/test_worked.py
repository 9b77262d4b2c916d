"""What worked before: told from the history of those that were put right."""

from sqlalchemy import select

from app.desk import Desk
from app.models.failure import Failure
from app.queries import worked
from app.queries.worked import Worked
from app.services import retrying, review
from tests.factories import ORDER_STATUS, make_failure, make_order, make_shop
from tests.fakes import FakeClock


def told(desk: Desk, *, may_wait: bool = True) -> Worked | None:
    with desk.store.read() as session:
        group_id = session.scalars(select(Failure.group_id).limit(1)).one()
        return worked.worked(session, group_id, may_wait=may_wait)


def waiting(desk: Desk, number: int, **columns: object) -> str:
    order = f"order-{number}"
    make_order(desk, order)
    return make_failure(desk, remedy=ORDER_STATUS | {"operationId": f"op-{number}", "orderId": order}, **columns)


def test_ways_are_counted_the_most_frequent_first(desk: Desk, clock: FakeClock) -> None:
    make_shop(desk)
    for number in range(3):
        waiting(desk, number)
    asked = waiting(desk, 3, status="review", next_attempt_at=None)
    corrected = waiting(desk, 4, status="review", next_attempt_at=None)
    by_hand = waiting(desk, 5, status="review", next_attempt_at=None)
    waiting(desk, 6, status="review", next_attempt_at=None)
    clock.advance(600)
    review.retry(desk, asked, actor="anna")
    review.retry(desk, corrected, actor="anna", remedy=ORDER_STATUS | {"operationId": "op-4", "orderId": "order-6"})
    review.resolve(desk, by_hand, actor="anna", reason="telephone")
    retrying.work(desk, "orders-db", "worker-1")
    found = told(desk)
    assert found is not None and found.number == 6
    assert found.ways[0] == ("waiting", 3)
    assert sorted(found.ways[1:]) == [("correction", 1), ("hand", 1), ("retry", 1)]
    assert found.usual.total_seconds() == 600
    assert found.clear is None


def test_a_way_that_nearly_all_went_is_clear(desk: Desk) -> None:
    make_shop(desk)
    for number in range(4):
        waiting(desk, number)
    retrying.work(desk, "orders-db", "worker-1")
    found = told(desk)
    assert found is not None and found.clear == "waiting"


def test_what_righted_itself_tells_nothing_to_one_that_no_machine_tries_any_more(desk: Desk, clock: FakeClock) -> None:
    make_shop(desk)
    for number in range(4):
        waiting(desk, number)
    retrying.work(desk, "orders-db", "worker-1")
    assert told(desk, may_wait=False) is None
    by_hand = waiting(desk, 5, status="review", next_attempt_at=None, created_at=clock())
    clock.advance(60)
    review.resolve(desk, by_hand, actor="anna", reason="telephone")
    found = told(desk, may_wait=False)
    assert found is not None and (found.ways, found.usual.total_seconds()) == ((("hand", 1),), 60)


def test_nothing_is_told_of_what_was_never_put_right(desk: Desk) -> None:
    make_failure(desk, status="review")
    assert told(desk) is None
