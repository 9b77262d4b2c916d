"""GET /orders/<orderId>."""

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.desk import Desk
from app.domain.remedy import WAREHOUSE_DATABASE
from tests.factories import STOCK_DECREMENT, make_failure, make_order, make_shop
from tests.http_server import by_path, serving

ENGLISH = {"Accept-Language": "en"}
ANSWERS = {
    "/v1/reservations/536365": {"orderId": "536365", "clientId": "17850", "status": "shipping",
                                "items": [{"productId": "P1", "quantity": 3}], "shippingAddress": "Тверь, 5"},
    "/v1/shipments/536365": {"orderId": "536365", "status": "preparing", "shippingAddress": "Тверь 5"},
}


@pytest.fixture
def environment(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    with serving(by_path(ANSWERS)) as server:
        yield environment | {"DLO_TARGETS": json.dumps({
            "inventory": server.url, "shipping": server.url,
            "orders-db": environment["ORDERS_DATABASE_URL"], "warehouse-db": environment["WAREHOUSE_DATABASE_URL"],
        })}


def cell(page: str, field: str, service: str) -> str:
    """Return one cell of the table, its tags taken out."""
    line = re.search(rf'<th scope="row">{field}</th>(.*?)</tr>', page, re.DOTALL)
    assert line, field
    found = re.search(rf'<td data-label="{service}"[^>]*>(.*?)</td>', line[1], re.DOTALL)
    assert found, service
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_records_stand_side_by_side_and_what_differs_is_marked_in_words(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365", status="paid", shipping_address="Тверь, 5",
               items='[{"productId": "P1", "quantity": 2}]')
    page = operator.get("/orders/536365", headers=ENGLISH).text
    assert cell(page, "Status", "Orders") == "paid"
    assert cell(page, "Items", "Orders") == "P1 × 2"
    assert cell(page, "Items", "Inventory") == "P1 × 3 differs"
    assert cell(page, "Shipping address", "Shipping") == "Тверь 5"
    assert 'aria-current="step"' in page and "Could not be asked" not in page


def test_it_says_which_service_could_not_be_asked(operator: FlaskClient, desk: Desk) -> None:
    make_failure(desk)  # the databases of the shop have no tables
    page = operator.get("/orders/536365", headers=ENGLISH).text
    assert "Could not be asked just now: Orders, Warehouse." in page
    assert cell(page, "Status", "Orders") == "? could not be asked"
    assert cell(page, "Status", "Inventory") == "being shipped"


def test_what_was_taken_and_what_failed_stand_on_it_in_words(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365")
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        connection.execute(text(
            "INSERT INTO applied_operations VALUES ('op-7', 'stock_decrement', '536365', 'd', :effect, 0,"
            " 'warehouse-1', '2026-11-22 09:02:00.000000')"), {"effect": json.dumps(
                {"components": [{"componentId": "leg", "quantity": 4}]})})
    page = operator.get("/orders/536365", headers=ENGLISH).text
    assert "leg −4" in page and "Warehouse 1" in page
    assert cell(page, "Taken from stock", "Warehouse") == "leg × 4"
    assert f'href="/failures/{failure}"' in page and "1 failure open" in page
    assert "The goods of order 536365 could not be taken from stock." in page
    assert "{&" not in page


def test_a_cancelled_order_has_no_way_ahead(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "7", status="cancelled")
    page = operator.get("/orders/7", headers=ENGLISH).text
    assert "The order is cancelled." in page and 'aria-current="step"' not in page


def test_an_order_that_nobody_knows_is_a_404_page(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    assert operator.get("/orders/nobody").status_code == 404


@pytest.mark.parametrize("address, told", [
    ("/orders/nobody", "Заказа nobody не знает ни одна"),
    ("/failures/01890000-0000-7000-8000-000000000000", "С таким номером ничего нет."),
])
def test_what_is_not_there_is_told_in_the_readers_language(operator: FlaskClient, address: str, told: str) -> None:
    answer = operator.get(address, headers={"Accept-Language": "ru"})
    assert (answer.status_code, told in answer.text) == (404, True)
    assert 'lang="en"' not in answer.text
