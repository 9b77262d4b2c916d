"""Rows that are inserted the fast way are the rows that `Connection.execute` would have inserted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from app.models.base import ExactJson
from storage import Prepared, Store, UtcDateTime, inserting, open_store

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
        inserting(things).run(connection, ROWS)
        fast = connection.execute(select(things).order_by(things.c.id)).all()
        connection.execute(things.delete())
        connection.execute(insert(things), ROWS)
        assert fast == connection.execute(select(things).order_by(things.c.id)).all()
    store.close()


def test_columns_may_differ_from_one_call_to_the_next(store: Store) -> None:
    statement = inserting(things)
    with store.connect() as connection:
        statement.run(connection, [{"name": "one"}, {"name": "two"}])
        statement.run(connection, [{"body": b"x", "name": "three"}])
        rows = connection.execute(select(things.c.name, things.c.body).order_by(things.c.id)).all()
    assert [tuple(row) for row in rows] == [("one", None), ("two", None), ("three", b"x")]
    store.close()


def test_a_key_that_is_there_already_is_told_as_elsewhere(store: Store) -> None:
    with pytest.raises(IntegrityError), store.connect() as connection:
        inserting(things).run(connection, [{"name": "one"}, {"name": "one"}])
    store.close()


def test_an_update_takes_its_constants_and_its_conversions_along(store: Store) -> None:
    moment = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
    statement = Prepared(
        lambda _engine: update(things).where(things.c.name == bindparam("old")).values(name="new", at=bindparam("when"))
    )
    with store.connect() as connection:
        inserting(things).run(connection, ROWS)
        assert statement.run_one(connection, {"old": "two", "when": moment}).rowcount == 1
        assert statement.run_one(connection, {"old": "nobody", "when": moment}).rowcount == 0
        assert connection.execute(select(things.c.at).where(things.c.name == "new")).scalar_one() == moment
    store.close()


def test_batches_of_one_run_are_stored_together_or_not_at_all(store: Store) -> None:
    good, bad = (inserting(things).ready(store.engine.dialect, [{"name": name}]) for name in ("one", "one"))
    with pytest.raises(IntegrityError):
        store.run([good, bad])
    with store.read() as session:
        assert session.execute(select(things)).all() == []
    store.run([good])
    with store.read() as session:
        assert [row.name for row in session.execute(select(things))] == ["one"]
    store.close()


def test_a_run_that_cannot_have_the_write_lock_says_so_in_time(store: Store, tmp_path: Path) -> None:
    hurried = open_store(f"sqlite:///{tmp_path}/things.db", busy_seconds=0.1)
    batch = inserting(things).ready(store.engine.dialect, [{"name": "one"}])
    with store.connect(), pytest.raises(OperationalError, match="locked"):
        hurried.run([batch])
    hurried.run([batch])
    hurried.close()
    store.close()
