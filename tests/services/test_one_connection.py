"""A batch of effects keeps to one connection of its target; each is a transaction of its own."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from app.desk import Desk
from app.domain.remedy import WAREHOUSE_DATABASE
from storage import OneConnection, Store
from tests.factories import make_shop, make_stock

TAKE = text("UPDATE components SET available = available - 1 WHERE component_id = 'leg'")
LEFT = text("SELECT available FROM components WHERE component_id = 'leg'")


@pytest.fixture
def store(desk: Desk) -> Store:
    make_shop(desk)
    make_stock(desk, leg=10)
    return desk.targets.store(WAREHOUSE_DATABASE)


@pytest.fixture
def kept(store: Store) -> Iterator[Store]:
    with closing(OneConnection(store)) as kept:
        yield kept


def take(store: Store) -> object:
    """Take a leg, and tell on which connection."""
    with store.connect() as connection:
        connection.execute(TAKE)
        return connection.connection.dbapi_connection


def left(store: Store) -> int | None:
    with store.reader.connect() as connection:
        return connection.scalar(LEFT)


def test_all_writes_use_one_connection_and_each_is_committed_at_once(store: Store, kept: Store) -> None:
    first = take(kept)
    assert left(store) == 9
    assert take(kept) is first
    assert left(store) == 8


def test_what_breaks_is_rolled_back_and_the_next_goes_on(store: Store, kept: Store) -> None:
    with pytest.raises(ValueError, match="on purpose"), kept.connect() as connection:
        connection.execute(TAKE)
        raise ValueError("on purpose")
    take(kept)
    assert left(store) == 9


def test_a_lost_connection_is_replaced_at_the_next_write(store: Store, kept: Store) -> None:
    take(kept)
    with pytest.raises(ValueError, match="on purpose"), kept.connect() as lost:
        lost.execute(TAKE)
        lost.invalidate()  # as SQLAlchemy does when the driver tells that it is gone
        raise ValueError("on purpose")
    take(kept)
    assert left(store) == 8


def test_at_the_end_the_connection_goes_back_and_the_others_stay_open(store: Store) -> None:
    with closing(OneConnection(store)) as kept:
        mine = take(kept)
    assert take(store) is mine
