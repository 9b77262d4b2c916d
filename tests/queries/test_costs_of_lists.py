"""Lists are read along an index, in their order: their cost does not grow with what is stored."""

from app.desk import Desk
from app.queries import dead_letters, failures, groups, queues, review
from app.queries.dead_letters import DeadLetterQuery
from app.queries.filters import FailureQuery
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
        sent = plans(desk, lambda: (queues.one(desk, QUEUE), dead_letters.stored(session, QUEUE, DeadLetterQuery())))
    assert all(uses(desk, "ix_failures_open_queue", plan) for plan in of_failures(sent)), sent


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
