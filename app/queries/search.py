"""Search by a piece of text, at bounded cost."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.ids import is_id
from app.models.failure import Failure

NEWEST = 5_000  # rows whose texts are searched
MOST = 1_000  # hits taken from each index
_LAST = "\U0010ffff"


def matches(text: str) -> ColumnElement[bool]:
    """Return the condition that a failure has to do with a piece of text.

    Found whatever their age: a failure's id; an order id, client id or message id that is the text, and order ids that
    begin with it (their indexes; at most the newest 1,000 of each). Found among the newest 5,000 failures only: the
    text anywhere, in any case, in the ids, the error's type and message, and the remedy (operation, product and
    component ids stand there).
    """
    hits: list[Any] = [
        _newest(Failure.client_id == text), _newest(begins_with(Failure.order_id, text)),
        _newest(Failure.message_id == text), _among_newest(text),
    ]
    if is_id(text):
        hits.append(select(Failure.id).where(Failure.id == text.lower()))
    # Left to choose, PostgreSQL searches the newest texts once more for every row that all else lets through.
    found = union_all(*hits).cte("hits").prefix_with("MATERIALIZED")
    return Failure.id.in_(select(found.c.id))


def begins_with(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """Return the condition that a column begins with a text; an index of the column answers it."""
    # By a range: LIKE alone could not use an index where the collation is not "C".
    return column.between(text, text + _LAST) & column.startswith(text, autoescape=True)


def _newest(condition: ColumnElement[bool]) -> Any:
    rows = select(Failure.id).where(condition).order_by(Failure.created_at.desc()).limit(MOST).subquery()
    return select(rows.c.id)


def _among_newest(text: str) -> Select[tuple[str]]:
    searched: tuple[InstrumentedAttribute[Any], ...] = (
        Failure.order_id, Failure.client_id, Failure.message_id, Failure.error_type, Failure.error_message,
    )
    newest = (
        select(Failure.id, *searched, cast(Failure.remedy, String).label("remedy"))
        .order_by(Failure.created_at.desc(), Failure.id.desc()).limit(NEWEST).subquery()
    )
    columns = [newest.c[column.key] for column in searched]
    return select(newest.c.id).where(
        or_(*(column.icontains(text, autoescape=True) for column in (*columns, newest.c.remedy)))
    )
