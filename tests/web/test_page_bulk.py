"""POST /bulk and GET /bulk/<id>; replays from /queues/<name>."""

import re

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.desk import Desk
from app.ids import new_id
from app.models.failure import Failure
from app.services import bulk
from tests.factories import STATUS_MESSAGE, make_failure
from tests.fakes import FakeClock
from tests.web.people import post, token


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **columns)


def test_an_act_on_many_is_shown_first_and_done_only_with_a_reason(operator: FlaskClient, desk: Desk) -> None:
    chosen, other = make(desk, status="review"), make(desk, status="review")
    look = post(operator, "/review", "/bulk", action="resolve", scope="ids", ids=chosen)
    assert look.status_code == 200 and f'name="ids" value="{chosen}"' in look.text
    unreasoned = post(operator, "/review", "/bulk", action="resolve", scope="ids", ids=chosen, sure="1", reason=" ")
    assert unreasoned.status_code == 422
    begun = post(operator, "/review", "/bulk", action="resolve", scope="ids", ids=chosen, sure="1", reason="counted")
    assert begun.status_code == 303 and begun.location.startswith("/bulk/")
    while bulk.run_some(desk):
        pass
    page = operator.get(begun.location, headers={"Accept-Language": "en"}).text
    assert "counted" in page and chosen in page
    with desk.store.read() as session:
        assert [session.get_one(Failure, key).status for key in (chosen, other)] == ["resolved", "review"]


def test_all_that_match_the_list_are_meant_by_its_filter(operator: FlaskClient, desk: Desk) -> None:
    make(desk, status="review", source="orders")
    make(desk, status="review", source="orders")
    make(desk, status="review")
    page = operator.get("/review?source=orders").text
    assert 'name="filter.source" value="orders"' in page and 'name="filter.status" value="review"' in page
    look = operator.post("/bulk", headers={"Accept-Language": "en"}, data=MultiDict([
        ("csrf_token", re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]), ("action", "discard"),
        ("scope", "filter"), ("filter.source", "orders"), ("filter.status", "review")]))
    assert "2 failures" in look.text


def test_what_comes_in_while_a_person_decides_is_not_among_all_that_match(
    operator: FlaskClient, desk: Desk, clock: FakeClock
) -> None:
    seen = make(desk, status="review", created_at=clock())
    clock.advance(60)
    chosen = {"action": "discard", "scope": "filter", "filter.status": "review"}
    looked = post(operator, "/review", "/bulk", **chosen)
    until = re.search(r'name="filter.until" value="([^"]+)"', looked.text)
    assert until
    clock.advance(60)
    later = make(desk, status="review", created_at=clock())
    post(operator, "/review", "/bulk", **chosen, **{"filter.until": until[1]}, sure="1", reason="why")
    while bulk.run_some(desk):
        pass
    with desk.store.read() as session:
        assert session.get_one(Failure, seen).status == "discarded"
        assert session.get_one(Failure, later).status == "review"


def test_it_is_paused_resumed_and_cancelled(operator: FlaskClient, desk: Desk) -> None:
    begun = post(operator, "/review", "/bulk", action="discard", scope="ids", ids=make(desk, status="review"),
                 sure="1", reason="why").location
    for act, words in (("pause", "Paused"), ("resume", "Running"), ("cancel", "Cancelled")):
        assert post(operator, begun, f"{begun}/{act}").status_code == 303
        assert words in operator.get(begun, headers={"Accept-Language": "en"}).text


def test_a_replay_is_begun_and_steered_by_administrators_only(
    operator: FlaskClient, administrator: FlaskClient, desk: Desk
) -> None:
    failure = make(desk, remedy=STATUS_MESSAGE, status="review", kind="message", queue="orders.status.dlq")
    queue = "/queues/orders.status.dlq"
    assert f'value="{failure}"' in administrator.get(queue).text
    assert post(administrator, queue, f"{queue}/replay", scope="ids", ids=failure).status_code == 422
    begun = post(administrator, queue, f"{queue}/replay", scope="ids", ids=failure, reason="repaired").location
    assert begun.startswith("/bulk/")
    assert post(operator, "/", f"{begun}/pause").status_code == 403
    assert post(administrator, begun, f"{begun}/cancel").status_code == 303


def test_a_queues_bodies_are_shown_as_text(operator: FlaskClient, desk: Desk) -> None:
    hostile = b'{"orderId": "<script>alert(1)</script>"}'
    for body in (hostile, b"\xff\xfe"):
        make(desk, remedy=STATUS_MESSAGE, status="review", kind="message", queue="orders.status.dlq", via="dlq",
             raw=body)
    page = operator.get("/queues/orders.status.dlq").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "ff fe" in page
    assert token(operator.get("/"))
