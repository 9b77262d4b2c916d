"""The cost of one batch of retries does not grow with the backlog."""

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE
from app.services import retrying
from tests.factories import ORDER_STATUS, make_failure, make_order, make_shop
from tests.queries.plans import plans


def test_no_statement_walks_through_the_backlog(desk: Desk) -> None:
    make_shop(desk)
    for number in range(3):
        make_order(desk, f"order-{number}")
        make_failure(desk, remedy=ORDER_STATUS | {"operationId": f"op-{number}", "orderId": f"order-{number}"})

    def look_and_work() -> None:
        retrying.due_targets(desk)
        assert retrying.work(desk, ORDERS_DATABASE, "a worker")

    sent = plans(desk, look_and_work)
    assert any(statement.startswith("UPDATE failures") for statement in sent)
    for statement, plan in sent.items():
        assert "SCAN failures" not in plan and "Seq Scan on failures" not in plan, statement
        # PostgreSQL chooses among indexes by statistics, which a table this small has none of.
        assert not desk.store.is_sqlite or "ix_failures_status" not in plan, statement
