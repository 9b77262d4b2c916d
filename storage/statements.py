"""Statements that SQLite and PostgreSQL both know, but SQLAlchemy only by dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, CursorResult, Dialect, Result, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_if_absent(session: Session | Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique key of it is there already; tell whether it was inserted."""
    insert = _insert_of(session)(table).values(**values).on_conflict_do_nothing()
    # Not by the count of rows, which psycopg does not tell for an INSERT (it is -1).
    return session.execute(insert.returning(*table.primary_key)).first() is not None


def upsert(session: Session | Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row, or overwrite the one with its primary key."""
    insert = _insert_of(session)
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    session.execute(insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=rest))


def add_up(session: Session | Connection, table: Table, column: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; where a row with the primary key is there already, add to its `column` instead."""
    if not rows:
        return
    insert = _insert_of(session)(table)
    total = {column: table.c[column] + insert.excluded[column]}
    keys = [key.name for key in table.primary_key]
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=total), rows)


def take_turns(session: Session | Connection, *subjects: str) -> None:
    """Wait until nobody else is at one of these subjects, and keep others from them until the transaction ends.

    For what no row stands for yet: two who both look, then both write. SQLite has one writer at a time anyway.
    """
    if _dialect(session).name == "sqlite":
        return
    for subject in sorted(set(subjects)):  # in one order, so that no two wait for each other
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0, type_=BigInteger))))


def rows_changed(result: Result[Any]) -> int:
    """Count the rows that an UPDATE or DELETE has written."""
    assert isinstance(result, CursorResult)
    return result.rowcount


def _insert_of(session: Session | Connection) -> Any:
    return sqlite.insert if _dialect(session).name == "sqlite" else postgresql.insert


def _dialect(session: Session | Connection) -> Dialect:
    return session.get_bind().dialect if isinstance(session, Session) else session.dialect
