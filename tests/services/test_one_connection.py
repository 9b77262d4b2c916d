"""A batch of effects keeps to one connection of its target; each is a transaction of its own."""

import pytest
from sqlalchemy import text

from app.desk import Desk
from app.domain.remedy import WAREHOUSE_DATABASE
from tests.factories import make_shop, make_stock

TAKE = text("UPDATE components SET available = available - 1 WHERE component_id = 'leg'")
LEFT = text("SELECT available FROM components WHERE component_id = 'leg'")


@pytest.fixture(autouse=True)
def shop(desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=10)


def take(desk: Desk) -> object:
    """Take a leg, and tell on which connection."""
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        connection.execute(TAKE)
        return connection.connection.dbapi_connection


def left(desk: Desk) -> int | None:
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        return connection.scalar(LEFT)


def break_in_the_middle(desk: Desk) -> None:
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        connection.execute(TAKE)
        raise ValueError("on purpose")


def test_all_writes_of_a_series_use_one_connection_and_each_is_committed_at_once(desk: Desk) -> None:
    with desk.targets.on_one_connection(WAREHOUSE_DATABASE):
        used = {take(desk), take(desk)}
        with desk.targets.store(WAREHOUSE_DATABASE).reader.connect() as another:
            assert another.scalar(LEFT) == 8
    assert len(used) == 1


def test_what_breaks_is_rolled_back_and_the_next_goes_on(desk: Desk) -> None:
    with desk.targets.on_one_connection(WAREHOUSE_DATABASE):
        take(desk)
        with pytest.raises(ValueError, match="on purpose"):
            break_in_the_middle(desk)
        take(desk)
    assert left(desk) == 8


def test_after_a_series_the_connections_of_the_pool_are_used_again(desk: Desk) -> None:
    store = desk.targets.store(WAREHOUSE_DATABASE)
    with desk.targets.on_one_connection(WAREHOUSE_DATABASE):
        assert desk.targets.store(WAREHOUSE_DATABASE) is not store
        take(desk)
    assert desk.targets.store(WAREHOUSE_DATABASE) is store
    assert left(desk) == 9


def test_a_lost_connection_is_replaced_at_the_next_write(desk: Desk) -> None:
    with desk.targets.on_one_connection(WAREHOUSE_DATABASE):
        with pytest.raises(ValueError, match="on purpose"), desk.targets.store(WAREHOUSE_DATABASE).connect() as lost:
            lost.execute(TAKE)
            lost.invalidate()  # as SQLAlchemy does when the driver tells that it is gone
            raise ValueError("on purpose")
        take(desk)
    assert left(desk) == 9
