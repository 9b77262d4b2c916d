"""Lists are read along an index, in their order: their cost does not grow with what is stored."""

import pytest
from sqlalchemy import update

from app.desk import Desk
from app.domain.status import Status
from app.ids import new_id
from app.models.bulk import BulkItem
from app.queries import bulk, bulk_course, bulk_plan, dead_letters, failures, groups, queues, review
from app.queries.counts import Count
from app.queries.dead_letters import DeadLetterQuery
from app.queries.filters import FailureFilter, FailureQuery, ListFilter
from app.services import bulk_orders
from app.services.bulk_orders import BulkOrder
from tests.factories import make_failure
from tests.queries.plans import plans

QUEUE = "orders.status.dlq"


def of_failures(sent: dict[str, str]) -> list[str]:
    return [plan for statement, plan in sent.items() if "FROM failures" in statement]


def uses(desk: Desk, index: str, plan: str) -> bool:
    """Tell whether it is read along the index; PostgreSQL goes by statistics, which a table this small has none of."""
    return not desk.store.is_sqlite or (index in plan and "B-TREE" not in plan)


def test_the_review_queue_is_read_in_its_own_order(desk: Desk) -> None:
    make_failure(desk, status="review")
    with desk.store.read() as session:
        sent = plans(desk, lambda: (review.queue(session, FailureQuery(unassigned=True)), review.next_ship_by(session)))
    assert len(of_failures(sent)) == 3
    assert all(uses(desk, "ix_failures_review", plan) for plan in of_failures(sent)), sent


def test_what_is_open_of_a_dead_letter_queue_is_read_from_the_oldest_on(desk: Desk) -> None:
    make_failure(desk, status="review", queue=QUEUE)
    with desk.store.read() as session:
        sent = plans(desk, lambda: (queues.one(desk, QUEUE), queues.messages(desk, QUEUE, 1),
                                    dead_letters.stored(session, QUEUE, DeadLetterQuery())))
    assert len(sent) == 3
    assert all(uses(desk, "ix_failures_open_queue", plan) for plan in sent.values()), sent


def test_what_needs_a_person_of_a_cause_is_counted_without_looking_at_the_rest(desk: Desk) -> None:
    make_failure(desk, status="review")
    with desk.store.read() as session:
        sent = plans(desk, lambda: groups.in_review(session, "a group"))
    assert sent and all(uses(desk, "ix_failures_group_review", plan) for plan in sent.values()), sent


def test_where_no_cause_is_like_that_no_failure_is_looked_at(desk: Desk) -> None:
    make_failure(desk, source="orders", operation="order.status")
    make_failure(desk, source="warehouse", operation="stock.decrement")
    with desk.store.read() as session:
        for source, found in (("orders", 1), ("warehouse", 0)):
            page = failures.listed(session, FailureQuery(source=source, operation="order.status"))
            assert len(page.items) == found
        sent = plans(desk, lambda: failures.listed(session, FailureQuery(source="orders", operation="order.status")))
    assert all("groups" in plan for plan in of_failures(sent)), sent


def test_a_search_is_made_once_however_many_rows_all_else_lets_through(desk: Desk) -> None:
    make_failure(desk, status="review")
    with desk.store.read() as session:
        sent = plans(desk, lambda: failures.listed(session, FailureQuery(q="536365", status="review")))
    assert sent and all("MATERIALIZE hits" in plan or "CTE hits" in plan for plan in sent.values()), sent


@pytest.mark.parametrize("name", ["source", "operation", "assignee", "group", "orderId", "queue"])
def test_what_is_resolved_is_found_by_what_else_is_asked_for(desk: Desk, name: str) -> None:
    make_failure(desk, status="resolved")
    query = FailureQuery.model_validate({"status": "resolved", name: "x"})
    with desk.store.read() as session:
        sent = plans(desk, lambda: failures.listed(session, query))
    (plan,) = of_failures(sent)
    assert not desk.store.is_sqlite or f"ix_failures_{name.removesuffix('Id')} " in plan, plan


def test_only_what_one_index_tells_is_counted(desk: Desk) -> None:
    for _ in range(2):
        make_failure(desk, id=new_id(), status="review", queue=QUEUE)
    with desk.store.read() as session:
        for filters, counted in (({"queue": QUEUE}, "2"), ({"queue": QUEUE, "status": "review"}, "1+")):
            query = FailureQuery.model_validate(filters | {"limit": 1})
            assert str(failures.matching(session, query, failures.listed(session, query))) == counted


def test_whether_a_failure_is_among_an_operations_items_one_index_tells(desk: Desk) -> None:
    failure = make_failure(desk, status="review")
    bulk_id, _ = bulk_orders.start(desk, BulkOrder("retry", "admin", "x", filter=FailureFilter(status=Status.REVIEW)))
    newer = make_failure(desk, id=new_id(), status="review")
    with desk.store.read() as session:
        progress = bulk.progress(session, bulk_id)
        sent = plans(desk, lambda: bulk_course.arrived(session, progress))
        assert bulk_course.arrived(session, progress) == Count(1)
        assert [row.id for row in failures.listed(session, FailureQuery(notIn=bulk_id)).items] == [newer] != [failure]
    assert all("ix_bulk_items_failure_id_bulk_id" in plan for plan in of_failures(sent)), sent


def test_a_list_looks_at_so_much_of_an_operation_and_an_act_at_all_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ListFilter, "looked_at", 2)
    made = [make_failure(desk, id=new_id(), status="resolved") for _ in range(3)]
    begun, _ = bulk_orders.start(desk, BulkOrder("retry", "admin", "x", filter=FailureFilter(status=Status.RESOLVED)))
    with desk.store.write() as session:
        session.execute(update(BulkItem).values(outcome="failed"))
    with desk.store.read() as session:
        for filters in ({"failedIn": begun}, {"notIn": "another", "status": "resolved"}):
            page = failures.listed(session, FailureQuery.model_validate(filters))
            assert {row.id for row in page.items} == {*made[1:]}
            assert len(bulk_plan.first(session, FailureFilter.model_validate(filters).conditions(), 9)) == 3
        searched = FailureQuery(notIn=begun, q="536365", status=Status.RESOLVED)
        assert not failures.listed(session, searched).items and not review.queue(session, searched).items
