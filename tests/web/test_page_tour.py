"""The tour of the demo on the overview: only where the demo runs, three cases, each with how far it is."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.config import load
from app.desk import Desk
from app.ids import new_id
from app.queries import tour
from app.services import review
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure
from tests.queries.counting import counted
from tests.web.people import post, sign_in

LOST = {"source": "orders", "operation": "order.status", "error_type": "OrderNotFound", "remedy": ORDER_STATUS}
ADDRESS = {"source": "inventory", "operation": "shipping.prepare", "kind": "http", "error_status": 400}
POLL = {"HX-Request": "true"}


def make(desk: Desk, **columns: Any) -> str:
    return make_failure(desk, id=new_id(), **{"status": "review"} | columns)


@pytest.fixture
def visitor(environment: dict[str, str], desk: Desk, people: None) -> FlaskClient:
    """A browser at the same desk where the demo runs."""
    client = create_app(replace(desk, settings=load(environment | {"DLO_TOUR": "1"}))).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert sign_in(client, "operator").status_code == 303
    return client


def progress(desk: Desk, person: str = "operator") -> dict[str, str]:
    with desk.store.read() as session:
        return {stop.case: stop.progress for stop in tour.stops(session, person)}


def test_it_is_absent_where_no_demo_runs(operator: FlaskClient, desk: Desk) -> None:
    make(desk, **LOST)
    operator.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "tour" not in operator.get("/").text and operator.get("/tour", headers=POLL).status_code == 303


def test_it_offers_the_cases_that_there_are_and_waits_for_the_others(visitor: FlaskClient, desk: Desk) -> None:
    lost = make(desk, **LOST)
    make(desk, **LOST)
    make(desk, remedy=STOCK_DECREMENT, status="scheduled")
    page = visitor.get("/").text
    assert f'href="/failures/{lost}"' in page and page.count("Waits for you") == 1
    assert page.count("Not yet come up") == 2
    make(desk, remedy=STOCK_DECREMENT)
    make(desk, **ADDRESS)
    assert visitor.get("/tour", headers=POLL).text.count("Waits for you") == 3


def test_a_case_is_ticked_for_whoever_put_it_right(desk: Desk) -> None:
    mine, other = make(desk, **LOST), make(desk, **LOST)
    assert progress(desk) == {"lost": "waiting", "stock": "awaited", "address": "awaited"}
    review.retry(desk, mine, actor="operator")
    assert progress(desk)["lost"] == "under way"
    review.resolve(desk, mine, actor="operator", reason="by hand")
    assert progress(desk)["lost"] == "done"
    assert progress(desk, "admin")["lost"] == "waiting" and other


def test_a_finished_case_stays_finished_whatever_its_person_tries_afterwards(desk: Desk) -> None:
    mine, next_one = make(desk, **LOST), make(desk, **LOST)
    review.resolve(desk, mine, actor="operator", reason="by hand")
    review.retry(desk, next_one, actor="operator")
    assert progress(desk)["lost"] == "done"


def test_a_case_that_failed_again_waits_again_and_a_discarded_one_is_replaced(desk: Desk) -> None:
    first, second = make(desk, **LOST), make(desk, **LOST)
    review.resolve(desk, first, actor="operator", reason="by hand")
    review.reopen(desk, first, actor="admin", reason="it is not")
    assert progress(desk)["lost"] == "waiting"
    review.discard(desk, first, actor="admin", reason="not worth it")
    with desk.store.read() as session:
        [lost] = [stop.failure for stop in tour.stops(session, "operator") if stop.case == "lost"]
    assert lost is not None and lost.id == second


def test_whoever_leaves_it_sees_it_no_more_until_asked_for(visitor: FlaskClient, desk: Desk) -> None:
    make(desk, **LOST)
    post(visitor, "/", "/tour", shown="0")
    left = visitor.get("/").text
    assert "A lost order" not in left and "Take the tour of the demo" in left
    post(visitor, "/", "/tour", shown="1")
    assert "A lost order" in visitor.get("/").text


def test_its_cost_does_not_grow_with_what_is_stored(desk: Desk) -> None:
    numbers = []
    for _ in range(2):
        for _ in range(5):
            make(desk, **LOST)
        with counted(desk) as statements:
            progress(desk)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 6
