"""The cost of one batch of retries does not grow with the backlog."""

from typing import Any

from sqlalchemy import event

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE
from app.services import retrying
from tests.factories import ORDER_STATUS, make_failure, make_order, make_shop


def test_no_statement_walks_through_the_backlog(desk: Desk) -> None:
    make_shop(desk)
    for number in range(3):
        make_order(desk, f"order-{number}")
        make_failure(desk, remedy=ORDER_STATUS | {"operationId": f"op-{number}", "orderId": f"order-{number}"})
    statements: dict[str, Any] = {}

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        statements[statement] = parameters[0] if many else parameters

    event.listen(desk.store.engine, "before_cursor_execute", remember)
    retrying.due_targets(desk)
    assert retrying.work(desk, ORDERS_DATABASE, "a worker")
    event.remove(desk.store.engine, "before_cursor_execute", remember)

    with desk.store.reader.connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if desk.store.is_sqlite else "EXPLAIN"
        if not desk.store.is_sqlite:  # a table this small is read whole, unless there is an index and no choice
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = {
            statement: str(connection.exec_driver_sql(f"{explain} {statement}", values).all())
            for statement, values in statements.items() if statement.startswith(("SELECT", "UPDATE failures"))
        }
    assert any(statement.startswith("UPDATE failures") for statement in plans)
    for statement, plan in plans.items():
        assert "SCAN failures" not in plan and "Seq Scan on failures" not in plan, statement
        # PostgreSQL chooses among indexes by statistics, which a table this small has none of.
        assert not desk.store.is_sqlite or "ix_failures_status" not in plan, statement
