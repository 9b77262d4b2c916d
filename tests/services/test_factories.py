"""The factory makes what the models hold, so that other tests can trust it."""

from sqlalchemy import select

from app.desk import Desk
from app.models.failure import Failure
from app.models.tallies import tallies
from tests.factories import STOCK_DECREMENT, make_failure


def test_a_made_failure_is_stored_with_its_group_and_counted(desk: Desk) -> None:
    first = make_failure(desk, remedy=STOCK_DECREMENT)
    second = make_failure(desk, status="review", order_id="other")
    with desk.store.read() as session:
        one, two = (session.get_one(Failure, key) for key in (first, second))
        assert (one.status, one.target, two.status, two.order_id) == ("scheduled", "warehouse-db", "review", "other")
        assert one.group_id == two.group_id
        assert sum(row.total for row in session.execute(select(tallies))) == 2


def test_the_app_starts(client) -> None:
    assert client.get("/nowhere").status_code == 404
