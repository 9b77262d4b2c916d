"""Count the statements that a piece of code sends to the desk's database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.desk import Desk


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile (BEGIN and the like do not count)."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(desk.store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(desk.store.engine, "before_cursor_execute", note)
