"""GET /review, /failures, /groups, /orders/<id>: what is found, in which order, and how it refreshes itself."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.ids import new_id
from app.services import heartbeat
from tests.factories import STOCK_DECREMENT, make_failure, make_order, make_shop
from tests.fakes import FakeClock

POLL = {"HX-Request": "true", "HX-PTag": "none"}


def ids(page: str) -> list[str]:
    return re.findall(r'<tr id="f-([0-9a-f-]{36})"', page)


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **columns)


def test_the_review_queue_shows_the_most_urgent_first_and_goes_on_over_pages(
    operator: FlaskClient, desk: Desk, clock: FakeClock
) -> None:
    made = {}
    for name, hours in (("b", 3), ("none", None), ("a", 1), ("none later", None), ("c", 3)):
        made[name] = make(desk, status="review", created_at=clock(),
                          ship_by=None if hours is None else clock() + timedelta(hours=hours))
        clock.advance(1)
    make(desk, remedy=STOCK_DECREMENT)
    seen, address = [], "/review?limit=2"
    while address:
        page = operator.get(address).text
        seen += ids(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [made[name] for name in ("a", "b", "c", "none", "none later")]


@pytest.mark.parametrize("filters, found", [
    ("", 3), ("?status=review", 2), ("?source=orders", 1), ("?orderId=77", 1), ("?q=77", 1), ("?status=&source=", 3),
    ("?assignee=anna", 1), ("?kind=http", 0),
])
def test_filters_live_in_the_address(operator: FlaskClient, desk: Desk, filters: str, found: int) -> None:
    make(desk, status="review")
    make(desk, status="review", source="orders", order_id="77")
    make(desk, remedy=STOCK_DECREMENT, assignee="anna")
    page = operator.get(f"/failures{filters}").text
    assert len(ids(page)) == found
    assert "/failures/" in page or "Ничего не найдено" in page


def test_a_filter_that_cannot_be_read_is_a_422_page(operator: FlaskClient) -> None:
    assert operator.get("/failures?status=nonsense").status_code == 422
    assert operator.get("/failures?cursor=nonsense").status_code == 422


@pytest.mark.parametrize("page", ["/review", "/failures", "/groups", "/queues", "/targets", "/"])
def test_a_poll_gets_only_the_part_that_refreshes_and_only_when_it_changed(
    operator: FlaskClient, desk: Desk, page: str
) -> None:
    make(desk, status="review")
    first = operator.get(page, headers=POLL)
    assert first.status_code == 200 and "<html" not in first.text and "<form" not in first.text
    same = POLL | {"HX-PTag": first.headers["HX-PTag"]}
    assert operator.get(page, headers=same).status_code == 304
    make(desk, status="review", order_id="another", source="somebody", queue="orders.status.dlq")
    assert operator.get(page, headers=same).status_code == (304 if page == "/targets" else 200)


def test_a_poll_of_the_list_keeps_to_its_filters(operator: FlaskClient, desk: Desk) -> None:
    make(desk, status="review", order_id="1")
    wanted = make(desk, status="review", order_id="2")
    page = operator.get("/failures?orderId=2").text
    polled = re.search(r'id="rows" hx-get="([^"]+)"', page)
    assert polled
    assert ids(operator.get(polled[1], headers=POLL).text) == [wanted]


def test_a_group_shows_its_failures(operator: FlaskClient, desk: Desk) -> None:
    failure = make(desk, status="review")
    make(desk, status="review", source="orders")
    page = operator.get("/groups", headers={"Accept-Language": "en"}).text
    groups = re.findall(r'href="(/groups/[0-9a-f-]{36})"', page)
    assert len(groups) == 2
    assert [ids(operator.get(address).text) for address in groups].count([failure]) == 1


def test_an_order_over_all_services(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365", status="reserved")
    failure = make(desk, status="review")
    page = operator.get("/orders/536365", headers={"Accept-Language": "en"}).text
    assert "reserved" in page and f"/failures/{failure}" in page and "could not be asked" in page


@pytest.mark.parametrize("address", [
    "/orders/nobody-knows-it", "/groups/nonsense", "/bulk/nonsense", "/queues/nonsense", "/nowhere",
])
def test_what_is_unknown_is_a_404_page(operator: FlaskClient, desk: Desk, address: str) -> None:
    make_shop(desk)
    answer = operator.get(address)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_lost_order_proposes_likely_ones_and_a_link_fills_the_form(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365", status="reserved")
    failure = make(desk, status="review", source="orders", operation="order.status", error_type="OrderNotFound",
                   order_id="536356", remedy={"type": "order_status", "operationId": "op", "orderId": "536356",
                                              "from": "reserved", "to": "paid"})
    page = operator.get(f"/failures/{failure}", headers={"Accept-Language": "en"}).text
    assert "Order 536356 was paid, but Orders has no such order." in page
    assert 'href="?orderId=536365#correct"' in page
    taken = operator.get(f"/failures/{failure}?orderId=536365", headers={"Accept-Language": "en"}).text
    assert 'name="remedy:/orderId" value="536365"' in taken and "It was: 536356" in taken


def test_the_overview_counts_and_links(operator: FlaskClient, desk: Desk) -> None:
    make(desk, status="review")
    make(desk, remedy=STOCK_DECREMENT)
    page = operator.get("/").text
    for address in ("/review", "/failures?status=scheduled", "/failures?status=sent"):
        assert f'href="{address}"' in page
    assert re.search(r'class="number">\s*1\s*<', page)


def test_the_queue_is_a_click_away_from_what_nobody_has_and_what_is_overdue(
    operator: FlaskClient, desk: Desk, clock: FakeClock
) -> None:
    late, early = clock() - timedelta(days=400), clock() + timedelta(days=40_000)
    overdue = make(desk, status="review", assignee="anna", ship_by=late)
    taken = make(desk, status="review", assignee="operator", ship_by=early)
    free = make(desk, status="review")
    make(desk, status="resolved", ship_by=late)
    page = operator.get("/review").text
    offered = re.findall(r'<a class="btn btn-sm[^"]*"[^>]* href="(/review[^"]*)"', page)
    assert [sorted(ids(operator.get(address).text)) for address in offered] == [
        sorted([overdue, taken, free]), [taken], [free], [overdue],
    ]
    chosen = re.search(r'aria-current="true" href="([^"]+)"', operator.get("/review?overdue=true").text)
    assert chosen and chosen[1] == "/review?overdue=true"


def test_the_tab_hears_how_many_need_a_person(operator: FlaskClient, desk: Desk) -> None:
    assert "data-count" not in operator.get("/review/waiting", headers=POLL).text
    make(desk, status="review")
    make(desk, remedy=STOCK_DECREMENT)
    assert 'data-count="1"' in operator.get("/review/waiting", headers=POLL).text


def test_the_overview_shows_what_came_in_over_a_day_or_a_week(
    operator: FlaskClient, desk: Desk, clock: FakeClock
) -> None:
    make(desk, status="review", created_at=clock())
    for address, steps in (("/", 24), ("/?trend=week", 28), ("/?trend=nonsense", 24)):
        received = re.findall(r'data-received="(\d+)"', operator.get(address).text)
        assert received == ["0"] * (steps - 1) + ["1"]
    part = operator.get("/trend?trend=week", headers=POLL)
    assert part.text.count("data-at") == 28 and "<html" not in part.text


def test_the_overview_warns_when_no_worker_is_running(operator: FlaskClient, desk: Desk, clock: FakeClock) -> None:
    english = {"Accept-Language": "en"}
    assert "No worker is running" in operator.get("/", headers=english).text
    heartbeat.beat(desk, "worker-1", clock())
    assert "No worker is running" not in operator.get("/", headers=english).text
