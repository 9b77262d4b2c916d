"""Which index a list is read along."""

from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, literal_column

from app.models.failure import OPEN, Failure

Columns = TypeVarTuple("Columns")
REVIEW, OPEN_QUEUE = "ix_failures_review", "ix_failures_open_queue"


def along(index: str, statement: Select[*Columns]) -> Select[*Columns]:
    """Have SQLite read that index: without statistics it looks rows up in another, and then sorts all that it finds."""
    return statement.with_hint(Failure, f"INDEXED BY {index}", "sqlite")


def is_open() -> ColumnElement[bool]:
    """Return the condition that a failure is open, in the words of the index of dead letters."""
    condition: ColumnElement[Any] = literal_column(OPEN)  # were it a Boolean, SQLite would be asked whether it = 1
    return condition
