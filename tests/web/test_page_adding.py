"""A product that is added once more: foreseen by its parts and the stock, and not done by an answer of 202."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.desk import Desk
from app.domain.remedy import WAREHOUSE_DATABASE
from app.services import retrying
from tests import looking
from tests.factories import make_failure, make_shop, make_stock
from tests.http_server import Server, answering, by_path, serving
from tests.web.forms import opened, press

ADDITION = {"orderId": "536365", "clientId": "17850", "productId": "SOFA-3", "orderDate": "2026-11-20",
            "status": "placed", "quantity": 2, "operationId": "add-1"}
PARTS = {"/products/v1/products/SOFA-3/components": {"components": [{"componentId": "leg", "quantity": 4}]}}


@pytest.fixture
def orders() -> Iterator[Server]:
    with serving(answering(202, b"there is not enough in stock")) as server:
        yield server


@pytest.fixture
def environment(environment: dict[str, str], orders: Server) -> Iterator[dict[str, str]]:
    with serving(by_path(PARTS)) as products:
        yield environment | {"DLO_TARGETS": json.dumps({
            "orders": orders.url, "products": products.url,
            "orders-db": environment["ORDERS_DATABASE_URL"], "warehouse-db": environment["WAREHOUSE_DATABASE_URL"]})}


def make(desk: Desk) -> str:
    return make_failure(desk, status="review", operation="product.lookup", kind="http", error_status=404,
                        error_message="Products does not know product SOFA-3",
                        raw=json.dumps({"payload": ADDITION}).encode())


def test_that_the_stock_does_not_suffice_is_foreseen(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=7)
    failure = make(desk)
    assert "Would fail now</strong>: There is not enough in stock, so that nothing would be added: " \
        "leg: 8 needed, 7 in stock." in opened(operator, failure).text
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        connection.execute(text("UPDATE components SET available = 8"))
    assert "Would fail now" not in opened(operator, failure).text


def test_what_was_taken_already_is_not_missed_a_second_time(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        connection.execute(text("INSERT INTO applied_operations VALUES ('add-1', 'stock_decrement', '536365', 'd',"
                                " '{}', 0, 'warehouse-1', '2026-11-22 09:02:00.000000')"))
    assert "Would fail now" not in opened(operator, make(desk)).text


def test_an_answer_that_nothing_was_added_is_not_taken_for_a_success(
    operator: FlaskClient, desk: Desk, orders: Server
) -> None:
    make_shop(desk)
    make_stock(desk, leg=7)
    failure = make(desk)
    assert press(operator, f"/failures/{failure}", opened(operator, failure), "correct").status_code == 303
    retrying.work(desk, "orders", "worker")
    assert len(orders.requests) == 1
    after = looking.failure(desk, failure)
    assert after.status == "review" and "there is not enough in stock" in str(after.reason)
    assert "leg: 8 needed, 7 in stock." in opened(operator, failure).text
