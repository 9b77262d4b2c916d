"""What a bulk operation would touch: its first failures, and where messages would go."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.models.failure import Failure
from app.queries.failures import COLUMNS, FailureRow, row_of


@dataclass(frozen=True)
class Destination:
    """A queue that `number` of the messages would go to."""

    queue: str
    number: int


def first(session: Session, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[FailureRow]:
    """Return the failures that would be begun with: the oldest."""
    statement = select(*COLUMNS).where(*conditions).order_by(Failure.created_at, Failure.id).limit(limit)
    return [row_of(row) for row in session.execute(statement)]


def destinations(
    session: Session, conditions: Sequence[ColumnElement[bool]], to_queue: str | None
) -> list[Destination]:
    """Return the queues that messages would go to: where each came from, unless another was chosen."""
    number = func.count().label("number")
    rows = session.execute(
        select(Failure.target, number).where(*conditions, Failure.target.is_not(None)).group_by(Failure.target)
        .order_by(number.desc(), Failure.target)
    ).all()
    if to_queue is not None:
        return [Destination(to_queue, sum(row.number for row in rows))]
    return [Destination(row.target, row.number) for row in rows]
