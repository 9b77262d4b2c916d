"""Rows that are written many at once are the rows that `Connection.execute` would have written, on either engine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.models.base import BigId, ExactJson
from storage import Prepared, Store, UtcDateTime, inserting, open_store
from tests.databases import Databases

things = Table(
    "things", MetaData(), Column("id", BigId, primary_key=True, autoincrement=True),
    Column("name", String(40), unique=True), Column("at", UtcDateTime), Column("value", ExactJson),
    Column("body", LargeBinary), Column("number", Integer), Column("part", Double), Column("is_so", Boolean),
)
MOMENT = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
TEXTS = ["", "plain", "кухня", '"quoted" \\ back\nline', "null", "%(rows)s :name", "\U0001f4e6", "x" * 40]
ROWS = [
    {"name": text, "at": MOMENT + timedelta(days=place), "value": {"text": [text, "\x00"]},
     "body": bytes([0, 255, place]), "number": -place, "part": place / 3, "is_so": place % 2 == 0}
    for place, text in enumerate(TEXTS)
] + [{"name": "nothing", "at": None, "value": None, "body": None, "number": None, "part": None, "is_so": None}]


@pytest.fixture
def store(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    store = open_store(databases.empty(tmp_path, "things"))
    with store.connect() as connection:
        things.metadata.create_all(connection)
    yield store
    store.close()


def test_every_type_comes_through_as_it_is(store: Store) -> None:
    stored = select(*(column for column in things.columns if column.name != "id")).order_by(things.c.id)
    with store.connect() as connection:
        inserting(things).run(connection, ROWS)
        many = connection.execute(stored).all()
        connection.execute(things.delete())
        connection.execute(insert(things), ROWS)
        assert many == connection.execute(stored).all()


def test_a_key_that_is_there_already_stores_none_of_them(store: Store) -> None:
    batch = inserting(things).ready(store.engine.dialect, [*ROWS, {**ROWS[0]}])
    with pytest.raises(IntegrityError):
        store.run([batch])
    with store.read() as session:
        assert session.execute(select(things)).all() == []
    store.run([inserting(things).ready(store.engine.dialect, ROWS)])
    with store.read() as session:
        assert len(session.execute(select(things)).all()) == len(ROWS)


def test_an_update_of_many_rows_changes_each_by_its_own_values_and_no_other(store: Store) -> None:
    statement = Prepared(
        lambda _engine: update(things)
        .where(things.c.name == bindparam("old", type_=String), things.c.number != 3)
        .values(
            at=bindparam("when", type_=UtcDateTime), number=things.c.number + bindparam("more", type_=Integer),
            body=bindparam("bytes", type_=LargeBinary), is_so=True,
        )
    )
    with store.connect() as connection:
        inserting(things).run(connection, [{"name": name, "at": None, "number": 0} for name in TEXTS])
        inserting(things).run(connection, [{"name": "guarded", "at": None, "number": 3}])
        changes = [
            {"old": text, "when": MOMENT + timedelta(days=place), "more": place, "bytes": bytes([place])}
            for place, text in enumerate([*TEXTS[1:], "guarded", "nobody"])
        ]
        statement.run(connection, changes)
        stored = connection.execute(select(things.c.name, things.c.at, things.c.number, things.c.body, things.c.is_so))
        rows = {row.name: tuple(row)[1:] for row in stored}
    unchanged = {TEXTS[0]: (None, 0, None, None), "guarded": (None, 3, None, None)}
    assert rows == unchanged | {
        each["old"]: (each["when"], each["more"], each["bytes"], True) for each in changes[: len(TEXTS) - 1]
    }
