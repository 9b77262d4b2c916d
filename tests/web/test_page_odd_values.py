"""Values that nobody expects, in addresses, forms and other services' answers, spoil no page."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.ids import new_id
from app.models.account import UserRow
from app.models.bulk import BulkOperation
from app.models.view import SavedView
from tests.factories import STATUS_MESSAGE, make_failure, make_order, make_shop, report
from tests.http_server import answering, serving
from tests.web.people import post

DEAD = "orders.status.dlq"
ANSWERS = [b"[" * 60_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"a":' * 400 + b"1" + b"}" * 400,
           b'{"amount": 1e300}', b'{"amount": 1' + b"0" * 400 + b"}", b'{"amount": NaN}', b'{"amount": true}']


@pytest.fixture
def environment(environment: dict[str, str], request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with serving(answering(200, getattr(request, "param", b"{}"))) as server:
        yield environment | {"DLO_TARGETS": json.dumps({
            "inventory": server.url, "shipping": server.url,
            "orders-db": environment["ORDERS_DATABASE_URL"], "warehouse-db": environment["WAREHOUSE_DATABASE_URL"]})}


def make(desk: Desk, **columns: object) -> str:
    stored = {"remedy": STATUS_MESSAGE, "status": "review", "kind": "message", "queue": DEAD, "via": "dlq"}
    return make_failure(desk, id=new_id(), **stored | columns)


@pytest.mark.parametrize("environment", ANSWERS, indirect=True, ids=lambda body: body[:16].decode())
def test_an_order_is_shown_whatever_a_service_answers(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365", amount=5.0)
    assert operator.get("/orders/536365").status_code == 200


@pytest.mark.parametrize("amount", [True, 1e300, 10**40, "a lot", [1]])
def test_a_failure_is_shown_whatever_it_tells_as_an_amount(operator: FlaskClient, desk: Desk, amount: object) -> None:
    make_shop(desk)
    make_order(desk, "536365", amount=5.0)
    failure = make(desk, queue=None, via="rest", raw=json.dumps(report(payload={"amount": amount})).encode())
    assert operator.get(f"/failures/{failure}").status_code == 200


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "1969-12-31T23:59:59Z", "3000-01-01"])
@pytest.mark.parametrize("name", ["since", "until", "putRightSince"])
def test_a_date_at_an_end_of_the_calendar_is_refused(operator: FlaskClient, desk: Desk, name: str, date: str) -> None:
    operator.set_cookie("zone", "America/New_York")
    for page in ("/failures", "/review", f"/queues/{DEAD}"):
        assert operator.get(f"{page}?{name}={date}").status_code == 422
    answer = post(operator, "/review", "/views", list="review", name="old", **{f"filter.{name}": date})
    assert answer.status_code == 422 and operator.get("/views").status_code == 200


def test_a_view_that_can_no_longer_be_read_can_be_removed(operator: FlaskClient, desk: Desk) -> None:
    with desk.store.write() as session:
        person = session.query(UserRow).filter_by(username="operator").one()
        session.add(SavedView(user_id=person.id, name="old", page="review", narrowed={"since": "0001-01-01"},
                              created_at=desk.clock()))
    page = operator.get("/views")
    assert page.status_code == 200 and "0001-01-01" in page.text and "/delete" in page.text


@pytest.mark.parametrize("page", ["/groups", "/failures", "/review", f"/queues/{DEAD}"])
@pytest.mark.parametrize("cursor", ["W251bGwsbnVsbF0", "W251bGwsbnVsbCxudWxsXQ", "WyJ4IixudWxsLG51bGxd"])
def test_a_cursor_of_nothings_is_refused(operator: FlaskClient, page: str, cursor: str) -> None:
    assert operator.get(f"{page}?cursor={cursor}").status_code == 422


@pytest.mark.parametrize("name", [
    "source", "operation", "orderId", "group", "assignee", "queue", "failedIn", "notIn", "q",
])
def test_a_nul_in_a_filter_of_a_form_finds_nothing(administrator: FlaskClient, desk: Desk, name: str) -> None:
    make(desk)
    for address in ("/bulk", f"/queues/{DEAD}/replay"):
        for sure in ("", "1"):
            answer = post(administrator, "/review", address, action="retry", scope="filter", sure=sure, reason="x",
                          **{f"filter.{name}": "a\0b"})
            assert answer.status_code in (200, 303)


@pytest.mark.parametrize("name", ["reason", "assignee", "ids"])
def test_a_nul_in_what_is_typed_is_kept_as_a_mark(administrator: FlaskClient, desk: Desk, name: str) -> None:
    typed = {"ids": make(desk), "assignee": "anna", "reason": "x"} | {name: "a\0b"}
    answer = post(administrator, "/review", "/bulk", action="assign", scope="ids", sure="1", **typed)
    assert answer.status_code == 303
    with desk.store.read() as session:
        (operation,) = session.query(BulkOperation)
        assert (operation.reason, operation.assignee) == tuple(
            "a\ufffdb" if name == field else typed[field] for field in ("reason", "assignee"))


def test_a_nul_elsewhere_spoils_no_page(administrator: FlaskClient, desk: Desk) -> None:
    assert post(administrator, "/review", f"/queues/{DEAD}/purge", name=DEAD, reason="a\0b").status_code == 303
    assert administrator.get("/orders/a%00b").status_code == 404
