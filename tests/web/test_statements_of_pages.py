"""How many statements each page sends to the desk's database: within a bound, however much is stored."""

from flask import Flask
from flask.testing import FlaskClient

from app.desk import Desk
from tests.factories import make_shop
from tests.filled import fill
from tests.pages import addresses
from tests.queries.counting import counted

# Who asks costs three of them: the session, its person, the person's roles. The overview counts each figure by itself.
MOST = {
    "/": 30, "/account": 6, "/audit": 6, "/bulk": 6, "/bulk/<bulk_id>": 12, "/failures": 12,
    "/failures/<failure_id>": 18,
    "/groups": 8, "/groups/<group_id>": 16, "/login": 6, "/orders/<order_id>": 10, "/queues": 12,
    "/queues/<name>": 8, "/review": 14, "/review/waiting": 6, "/search": 6, "/settings/": 12, "/targets": 8, "/tour": 6,
    "/trend": 8, "/views": 6,
}
NO_DEMO = "/tour"  # there is none where no demo runs
MORE_THAN_A_PAGE = 25  # of each sort


def statements(client: FlaskClient, desk: Desk, address: str) -> list[str]:
    with counted(desk) as sent:
        status = client.get(address).status_code
        assert status < 400 or (address == NO_DEMO and status == 404), (address, status)
    return sent


def test_no_page_sends_more_statements_than_its_bound_nor_more_the_more_is_stored(
    administrator: FlaskClient, app: Flask, desk: Desk
) -> None:
    make_shop(desk)
    few = addresses(app, fill(desk, MORE_THAN_A_PAGE))
    assert not few.keys() ^ MOST.keys(), "say how many statements a page may send"
    before = {page: len(statements(administrator, desk, address)) for page, address in few.items()}
    for page, address in addresses(app, fill(desk, MORE_THAN_A_PAGE)).items():
        sent = statements(administrator, desk, address)
        assert len(sent) <= min(before[page], MOST[page]), (page, sent)
