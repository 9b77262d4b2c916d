"""A database of the first release, full of rows, becomes a newest one and loses nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, Column, DateTime, Double, Integer, LargeBinary, MetaData, Table, select

from app import migrate
from app.queries import audit_chain
from storage import Store, open_store
from tests.databases import Databases

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS = 3


@pytest.fixture
def first(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """A database as the first migration made it, with rows in every table."""
    store = open_store(databases.empty(tmp_path, "first"))
    with migrate._migrating(store) as connection:
        command.upgrade(migrate._config(connection), "0001")
    fill(store)
    yield store
    store.close()


def test_an_upgrade_keeps_every_row_and_ends_where_the_models_are(first: Store) -> None:
    before = contents(first)
    assert all(before[name] for name in before)
    migrate.upgrade(first)
    after = contents(first)
    for name, rows in before.items():
        assert [{column: row[column] for column in rows[0]} for row in after[name]] == rows
    assert migrate.differences(first) == []


def test_an_upgrade_chains_the_audit_that_there_is(first: Store) -> None:
    migrate.upgrade(first)
    walked = audit_chain.verify(first)
    assert (walked.entries, walked.last, walked.fault) == (ROWS, ROWS, None)


def fill(store: Store) -> None:
    """Put rows into every table, parents first, whatever columns it has."""
    found = tables(store)
    with store.connect() as connection:
        for table in found.sorted_tables:
            connection.execute(table.insert(), [row(table, number) for number in range(1, ROWS + 1)])


def row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: value(column, number) for column in table.columns}


def value(column: Column[Any], number: int) -> Any:
    """Return what fits; a row's references name the row of its own number."""
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, DateTime):
        return MOMENT
    if isinstance(column.type, Double):
        return 0.5
    if isinstance(column.type, Integer):
        return number
    return b"{}" if isinstance(column.type, LargeBinary) else str(number)


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.reader.connect() as connection:
        return {
            table.name: [dict(found) for found in
                         connection.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in tables(store).sorted_tables
        }


def tables(store: Store) -> MetaData:
    """Read from the database itself which tables it has: the models are already further on."""
    found = MetaData()
    found.reflect(store.reader)
    found.remove(found.tables["alembic_version"])
    return found
