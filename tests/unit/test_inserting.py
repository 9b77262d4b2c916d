"""Rows that are inserted the fast way are the rows that `Connection.execute` would have inserted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select
from sqlalchemy.exc import IntegrityError

from app.models.base import ExactJson
from storage import Inserting, Store, UtcDateTime, open_store

things = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(20), unique=True),
    Column("at", UtcDateTime), Column("value", ExactJson), Column("body", LargeBinary),
)
ROWS = [
    {"name": "one", "at": datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC), "value": ["\x00", "ё"], "body": b"\x00\xff"},
    {"name": "two", "at": None, "value": None, "body": None},
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path}/things.db")
    with store.connect() as connection:
        things.metadata.create_all(connection)
    return store


def test_every_type_is_converted_as_it_is_elsewhere(store: Store) -> None:
    with store.connect() as connection:
        Inserting(things).run(connection, ROWS)
        fast = connection.execute(select(things).order_by(things.c.id)).all()
        connection.execute(things.delete())
        connection.execute(insert(things), ROWS)
        assert fast == connection.execute(select(things).order_by(things.c.id)).all()
    store.close()


def test_columns_may_differ_from_one_call_to_the_next(store: Store) -> None:
    inserting = Inserting(things)
    with store.connect() as connection:
        inserting.run(connection, [{"name": "one"}, {"name": "two"}])
        inserting.run(connection, [{"body": b"x", "name": "three"}])
        rows = connection.execute(select(things.c.name, things.c.body).order_by(things.c.id)).all()
    assert [tuple(row) for row in rows] == [("one", None), ("two", None), ("three", b"x")]
    store.close()


def test_a_key_that_is_there_already_is_told_as_elsewhere(store: Store) -> None:
    with pytest.raises(IntegrityError), store.connect() as connection:
        Inserting(things).run(connection, [{"name": "one"}, {"name": "one"}])
    store.close()
