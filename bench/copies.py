"""Many days from one: each copied in the database itself, so many days later, with some causes of its own."""

from typing import Any, cast

from sqlalchemy import Column, Connection, Integer, String, Table, case, func, insert, literal, select, text, update
from sqlalchemy import cast as as_type

from app.desk import Desk
from app.models.attempt import attempts
from app.models.failure import failures
from app.models.group import Group
from app.models.history import events
from app.models.report import StoredReport
from app.models.tallies import tallies
from bench.lives import NUMBER, SPAN, audit
from storage import UtcDateTime

groups, reports = cast(Table, Group.__table__), cast(Table, StoredReport.__table__)
COPIED = (groups, failures, reports, attempts, events, audit, tallies)
COUNTED_UP = ("events", "audit")  # the database gives their ids
FIRST_DAY = "0001"  # the ids of the first day begin with the present moment, the copies' with their number: lower


def copy(desk: Desk, copies: int) -> None:
    """Add `copies` days to the one that there is: the same ids, but for 8 digits that are the copy's number."""
    with desk.store.connect() as connection:
        if not desk.store.is_sqlite:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # what is copied refers rightly
        for index in _indexes():
            index.drop(connection)
        for number in range(1, copies + 1):
            for table in COPIED:
                _add(connection, table, number)
        _add_up(connection, copies)
        for index in _indexes():
            index.create(connection)


def _indexes() -> list[Any]:
    return [index for table in COPIED for index in sorted(table.indexes, key=lambda index: str(index.name))]


def _add(connection: Connection, table: Table, number: int) -> None:
    columns = [column for column in table.c if not (column.name == "id" and table.name in COUNTED_UP)]
    key = table.c.id if table in (groups, failures) else table.c.group_id if table is tallies else table.c.failure_id
    first_day = select(*(_copied(connection, column, number) for column in columns)).where(key >= FIRST_DAY)
    if table in (groups, tallies):
        first_day = first_day.where(_is_own(key))
    connection.execute(insert(table).from_select([column.name for column in columns], first_day.order_by(key)))


def _copied(connection: Connection, column: Column[Any], number: int) -> Any:
    own = literal(f"{number:08x}") + func.substr(column, 9)
    if column.name == "group_id" and column.table is failures:
        return case((_is_own(column), own), else_=column)
    if column.name in ("id", "failure_id", "group_id"):
        return own
    if column.name in ("order_id", "client_id"):  # tomorrow others buy
        return as_type(as_type(column, Integer) + number * NUMBER, String)
    if column.name in ("key", "fingerprint", "message_id"):
        return column + literal(f"-{number}")
    return _later(connection, column, number) if isinstance(column.type, UtcDateTime) else column


def _later(connection: Connection, column: Column[Any], days: int) -> Any:
    if connection.dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H:%M:%f000", column, f"+{days} days")
    return column + literal(days * SPAN)


def _is_own(group_id: Any) -> Any:
    """Tell which causes are new each day: one of sixteen."""
    return func.substr(group_id, 36) == "0"


def _add_up(connection: Connection, copies: int) -> None:
    """Count what the copies added to the causes that they share."""
    connection.execute(
        update(tallies).where(tallies.c.group_id >= FIRST_DAY, ~_is_own(tallies.c.group_id)).values(
            total=tallies.c.total * (copies + 1), open=tallies.c.open * (copies + 1),
            last_seen=_later(connection, tallies.c.last_seen, copies),
        )
    )
