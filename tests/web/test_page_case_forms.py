"""The fix forms of a case: what can be chosen, what is in stock, what is locked."""

import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from tests import looking
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure, make_order, make_shop, make_stock
from tests.http_server import by_path, serving
from tests.web.forms import ENGLISH, inputs, opened, press
from tests.web.people import post

ANSWERS = {
    "/v1/reservations/536365": {"orderId": "536365", "clientId": "17850", "status": "reserved", "items": []},
    "/v1/stock/SOFA-3": {"productId": "SOFA-3", "available": 2},
    "/v1/stock/TABLE": {"productId": "TABLE", "available": 7},
    "/v1/stock/SOLD-OUT": {"productId": "SOLD-OUT", "available": 0},
    "/products/v1/products/SOFA-3/components": {"productId": "SOFA-3", "components": [
        {"componentId": "leg", "quantity": 4}]},
}
SHIP = {"type": "http_request", "target": "inventory", "method": "POST", "path": "/v1/reservations/536365/ship",
        "body": {"shippingAddress": "???"}}
ITEMS = [{"productId": "SOFA-3", "quantity": 5, "price": 10.5}, {"productId": "TABLE", "quantity": 1}]
EVENT = {"type": "publish_message", "queue": "inventory.order-created", "messageId": "e1",
         "body": {"eventId": "e1", "orderId": "536365", "clientId": "17850", "items": ITEMS}}
ADDITION = {"orderId": "536365", "clientId": "17850", "productId": "SOFA-33", "orderDate": "2026-11-20",
            "status": "placed", "quantity": 1, "operationId": "add-1"}


@pytest.fixture
def environment(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    with serving(by_path(ANSWERS)) as server:
        yield environment | {"DLO_TARGETS": json.dumps({
            **dict.fromkeys(("inventory", "products", "orders", "shipping"), server.url),
            "orders-db": environment["ORDERS_DATABASE_URL"], "warehouse-db": environment["WAREHOUSE_DATABASE_URL"],
        })}


def components(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"componentId": name, "quantity": quantity} for name, quantity in pairs]


def test_the_stock_stands_beside_each_quantity_and_the_catalogue_can_be_chosen_from(
    operator: FlaskClient, desk: Desk
) -> None:
    make_shop(desk)
    make_stock(desk, leg=7, top=1)
    remedy = STOCK_DECREMENT | {"components": components(("leg", 4), ("lge", 2))}
    page = opened(operator, make_failure(desk, remedy=remedy, status="review")).text
    assert "7 in stock" in page and "not known to the stock" in page
    assert '<option value="top">1 in stock</option>' in page and 'list="choices"' in page


def test_only_what_is_there_is_taken_on_one_click_and_all_of_it_on_another(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=3, top=1)
    remedy = STOCK_DECREMENT | {"components": components(("leg", 4), ("nothing", 2), ("top", 1))}
    failure = make_failure(desk, remedy=remedy, status="review")
    address, page = f"/failures/{failure}", opened(operator, failure)
    assert "only 3 in stock" in page.text
    looked = press(operator, address, page, "look", choose="there")
    assert "Would work now" in looked.text and looking.status(desk, failure) == "review"
    again = press(operator, address, looked, "look", choose="all")
    assert inputs(again.text)["remedy:/components/0/quantity"] == "4"
    assert press(operator, address, looked, "correct").status_code == 303
    after = looking.failure(desk, failure).remedy
    assert after and after["components"] == components(("leg", 3), ("top", 1))


def test_none_now_closes_it_with_a_reason_that_is_proposed(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=3)
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    assert "?close=back-order#resolve" in opened(operator, failure).text
    reason = re.search(r'id="resolve-reason"[^>]*>([^<]+)<', opened(operator, failure, "?close=back-order").text)
    assert reason and reason[1].startswith("Back-order: nothing was taken from stock")
    post(operator, f"/failures/{failure}", f"/failures/{failure}/resolve", reason=reason[1])
    assert looking.marker_kind(desk, "op-1") == "tombstone" and looking.stock(desk) == 3


def test_while_the_stock_cannot_be_asked_the_form_says_so_and_works(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")  # the Warehouse's database has no tables
    page = opened(operator, failure)
    assert "Could not be asked just now: Warehouse." in page.text
    press(operator, f"/failures/{failure}", page, "correct", **{"remedy:/components/0/quantity": "3"})
    after = looking.failure(desk, failure).remedy
    assert after and after["components"] == components(("leg", 3))


def test_the_items_of_an_order_have_rows_too_and_keep_what_the_rows_do_not_show(
    operator: FlaskClient, desk: Desk
) -> None:
    make_shop(desk)
    failure = make_failure(desk, remedy=EVENT, status="review", kind="message", error_type="InsufficientStock")
    address, page = f"/failures/{failure}", opened(operator, failure)
    assert "only 2 in stock" in page.text and "7 in stock" in page.text and "Restock, or take" in page.text
    press(operator, address, press(operator, address, page, "look", choose="there"), "correct",
          **{"remedy:/body/eventId": "another"})
    after = looking.failure(desk, failure).remedy
    assert after and after["body"] == EVENT["body"] | {"items": [ITEMS[0] | {"quantity": 2}, ITEMS[1]]}


def test_what_is_not_in_stock_is_foreseen_to_be_refused_again_and_nothing_offers_to_send_it_as_it_is(
    operator: FlaskClient, desk: Desk
) -> None:
    make_shop(desk)
    items = [{"productId": "SOLD-OUT", "quantity": 1}]
    remedy = EVENT | {"body": EVENT["body"] | {"items": items}}
    failure = make_failure(desk, remedy=remedy, status="review", kind="message", error_type="InsufficientStock")
    address, page = f"/failures/{failure}", opened(operator, failure)
    assert "Would fail now</strong>: Not enough of SOLD-OUT: 1 needed, 0 in stock." in page.text
    assert "Nothing is corrected yet: sent as it is, it would be refused again." in page.text
    assert "btn-primary" not in page.text.split("/correct\"", 1)[1].split("</form>", 1)[0]
    assert "does it once" not in page.text and 'value="there"' not in page.text and "None now" in page.text
    emptied = press(operator, address, page, "look", **{"remedy:/body/items/0/productId": ""})
    assert "Items: must have at least one line" in emptied.text and "This would be sent" not in emptied.text
    better = press(operator, address, page, "look", **{"remedy:/body/items/0/productId": "TABLE"})
    assert "This would be sent" in better.text and "btn-primary" in better.text.split("/correct\"", 1)[1]


def test_items_that_nobody_could_read_are_put_in_anew(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    odd = base64.b64encode(json.dumps(EVENT["body"] | {"items": "two chairs, please"}).encode()).decode()
    remedy = {"type": "publish_message", "queue": "inventory.order-created", "messageId": "e1", "bodyBase64": odd}
    failure = make_failure(desk, remedy=remedy, status="review", kind="message", error_type="rejected")
    address, page = f"/failures/{failure}", opened(operator, failure)
    assert "It was: two chairs, please" in page.text and 'name="remedy:/body/items/2/productId"' in page.text
    looked = press(operator, address, page, "look", **{
        "remedy:/body/items/0/productId": "TABLE", "remedy:/body/items/0/quantity": "2",
        "remedy:/body/items/1/productId": "SOFA-3", "remedy:/body/items/1/quantity": "1"})
    assert 'name="remedy:/body/items/4/productId"' in looked.text
    press(operator, address, looked, "correct")
    after = looking.failure(desk, failure).remedy
    assert after and json.loads(base64.b64decode(after["bodyBase64"]))["items"] == [
        {"productId": "TABLE", "quantity": 2}, {"productId": "SOFA-3", "quantity": 1}]


def test_a_quantity_that_is_none_is_said_at_its_field_and_nothing_is_sent(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    failure = make_failure(desk, remedy=EVENT, status="review", kind="message")
    answer = press(operator, f"/failures/{failure}", opened(operator, failure), "correct",
                   **{"remedy:/body/items/0/quantity": "-1"})
    assert answer.status_code == 422 and "Quantity 1: must be 1 or more" in answer.text
    assert looking.status(desk, failure) == "review"


def test_an_address_has_the_words_of_the_check_beside_it_and_the_one_that_orders_has(
    operator: FlaskClient, desk: Desk
) -> None:
    make_shop(desk)
    make_order(desk, "536365", shipping_address="Москва, Тверская 1")
    failure = make_failure(desk, remedy=SHIP, status="review", kind="http", error_status=400,
                           error_message="Invalid shipping address")
    address, page = f"/failures/{failure}", opened(operator, failure)
    assert "It was refused with: “Invalid shipping address”" in page.text
    button = re.search(r'name="(offer:[^"]+)" value="([^"]+)"', page.text)
    assert button and button[2] == "Москва, Тверская 1"
    looked = press(operator, address, page, "look", **{button[1]: unescape(button[2])})
    assert "<del>???</del>" in looked.text and "This would be sent" in looked.text
    press(operator, address, looked, "correct")
    after = looking.failure(desk, failure).remedy
    assert after == SHIP | {"body": {"shippingAddress": "Москва, Тверская 1"}}


def test_an_address_in_parts_has_a_named_field_for_each(operator: FlaskClient, desk: Desk) -> None:
    remedy = SHIP | {"body": {"shippingAddress": {"city": "Москва", "street": "?", "postalCode": "101000"}}}
    failure = make_failure(desk, remedy=remedy, status="review", kind="http", error_status=400)
    page = opened(operator, failure)
    assert all(f">{label}</label>" in page.text for label in ("City", "Street", "Postal code"))
    press(operator, f"/failures/{failure}", page, "correct", **{"remedy:/body/shippingAddress/street": "Тверская"})
    after = looking.failure(desk, failure).remedy
    assert after and after["body"]["shippingAddress"]["street"] == "Тверская"


def test_a_product_that_was_unknown_is_chosen_anew_although_the_report_brought_no_remedy(
    operator: FlaskClient, desk: Desk
) -> None:
    make_shop(desk)
    make_order(desk, "536000", items='[{"productId": "SOFA-3"}]')
    failure = make_failure(
        desk, status="review", operation="product.lookup", kind="http", error_type="NotFound", error_status=404,
        error_message="Products does not know product SOFA-33", raw=json.dumps({"payload": ADDITION}).encode())
    address, page = f"/failures/{failure}", opened(operator, failure)
    assert "Choose the right product" in page.text and '<option value="SOFA-3">' in page.text
    assert "Would fail now</strong>: Products does not know SOFA-33" in page.text
    assert f"{address}/retry" not in page.text
    looked = press(operator, address, page, "look", **{"remedy:/body/productId": "SOFA-3"})
    assert "Products knows SOFA-3; it needs leg × 4." in looked.text
    press(operator, address, looked, "correct", **{"remedy:/body/clientId": "thief", "remedy:/body/operationId": "2"})
    after = looking.failure(desk, failure)
    assert after.status == "scheduled" and after.remedy == {
        "type": "http_request", "target": "orders", "method": "POST", "path": "/v1/orders/536365/products",
        "headers": {"Content-Type": "application/json"},
        "body": {name: value for name, value in ADDITION.items() if name != "orderId"} | {"productId": "SOFA-3"}}


LOST = ORDER_STATUS | {"orderId": "536356"}


def lost(desk: Desk, **columns: Any) -> str:
    return make_failure(desk, remedy=LOST, status="review", source="orders", operation="order.status",
                        error_type="OrderNotFound", order_id="536356", **columns)


@pytest.mark.parametrize("typed", ["5363", "13047", "356365"])
def test_an_order_is_found_by_the_beginning_of_its_number_its_customer_or_a_slip(
    operator: FlaskClient, desk: Desk, typed: str
) -> None:
    make_shop(desk)
    make_order(desk, "536365", client_id="13047")
    make_order(desk, "999", client_id="1")
    failure = lost(desk, client_id=None)
    found = opened(operator, failure, f"?find={typed}").text.split('id="matches"')[1].split("</div>\n</div>")[0]
    assert "?orderId=536365#correct" in found and "999" not in found
    part = operator.get(f"/failures/{failure}?part=orders&find={typed}", headers=ENGLISH | {"HX-Request": "true"}).text
    assert "?orderId=536365#correct" in part and "<form" not in part


def test_the_order_that_is_taken_shows_its_effect_and_its_records_at_once(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365", status="reserved", client_id="1")
    page = opened(operator, lost(desk), "?orderId=536365").text
    assert "Would work now" in page and "Order 536365 in each service" in page
    assert inputs(page)["remedy:/orderId"] == "536365" and "differs" in page


def test_while_orders_cannot_be_asked_the_number_can_still_be_put_in(operator: FlaskClient, desk: Desk) -> None:
    failure = lost(desk)
    page = opened(operator, failure, "?find=536")
    assert "nobody can say which orders are like it" in page.text and "Orders could not be asked" in page.text
    press(operator, f"/failures/{failure}", page, "correct", **{"remedy:/orderId": "536365"})
    assert looking.failure(desk, failure).remedy == ORDER_STATUS
