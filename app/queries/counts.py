"""Count no further than anybody needs to know."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, literal_column, select
from sqlalchemy.orm import Session

from app.domain.status import Status
from app.models.failure import Failure


@dataclass(frozen=True)
class Count:
    """A number, or the least that it is."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


def count(session: Session, most: int, *conditions: ColumnElement[bool]) -> Count:
    """Count failures, and stop at `most`."""
    # a constant, so that the index alone is read
    some = select(literal(1)).select_from(Failure).where(*conditions).limit(most + 1).subquery()
    number = session.scalar(select(func.count()).select_from(some)) or 0
    return Count(min(number, most), number > most)


def is_status(status: Status) -> ColumnElement[bool]:
    """Return the condition, written out: a partial index is used only for a constant that the planner can see."""
    condition: Any = Failure.status == literal_column(f"'{status.value}'")
    return condition  # type: ignore[no-any-return]
