"""How the engine would run the statements that a piece of code sends."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from app.desk import Desk


def plans(desk: Desk, act: Callable[[], object]) -> dict[str, str]:
    """Run something, and return the plan of each SELECT and of each UPDATE of failures that it sent."""
    statements: dict[str, Any] = {}

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        statements[statement] = parameters[0] if many else parameters

    event.listen(desk.store.engine, "before_cursor_execute", remember)
    try:
        act()
    finally:
        event.remove(desk.store.engine, "before_cursor_execute", remember)
    with desk.store.reader.connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if desk.store.is_sqlite else "EXPLAIN"
        if not desk.store.is_sqlite:  # a table this small is read whole, unless there is an index and no choice
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return {
            statement: str(connection.exec_driver_sql(f"{explain} {statement}", values).all())
            for statement, values in statements.items() if statement.startswith(("SELECT", "WITH", "UPDATE failures"))
        }
