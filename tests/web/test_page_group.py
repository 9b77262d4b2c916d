"""GET /groups/<id>: what worked before, and what that proposes while something is open."""

from flask.testing import FlaskClient
from sqlalchemy import select

from app.desk import Desk
from app.ids import new_id
from app.models.failure import Failure
from app.services import retrying, review
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock

ENGLISH = {"Accept-Language": "en"}


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), remedy=STOCK_DECREMENT | {"operationId": new_id()}, **columns)


def shown(operator: FlaskClient, desk: Desk) -> str:
    with desk.store.read() as session:
        group_id = session.scalars(select(Failure.group_id).limit(1)).one()
    return operator.get(f"/groups/{group_id}", headers=ENGLISH).text


def test_waiting_is_proposed_only_while_a_machine_tries_some_of_them(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=100)
    for _ in range(3):
        make(desk)
    retrying.work(desk, "warehouse-db", "worker")
    page = shown(operator, desk)
    assert "What worked before:" in page and "Proposed:" not in page
    stuck = make(desk, status="review")
    assert "What worked before:" not in shown(operator, desk)
    assert "What worked before:" not in operator.get(f"/failures/{stuck}", headers=ENGLISH).text
    make(desk)
    assert "Wait a little" in shown(operator, desk)


def test_what_people_did_is_proposed_to_what_needs_a_person(operator: FlaskClient, desk: Desk) -> None:
    for _ in range(3):
        review.resolve(desk, make(desk, status="review"), actor="operator", reason="counted")
    assert "Proposed:" not in shown(operator, desk)
    stuck = make(desk, status="review")
    for page in (shown(operator, desk), operator.get(f"/failures/{stuck}", headers=ENGLISH).text):
        assert "Put it right by hand: that is how nearly all of these ended." in page
