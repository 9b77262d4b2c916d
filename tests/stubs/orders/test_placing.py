"""An order is stored and told to the inventory, however long the queue is away."""

import json

from messaging import ORDER_CREATED
from tests.stubs.helpers import eventually
from tests.stubs.orders.orders_shop import ORDER, place


def test_an_order_is_stored_and_told_to_inventory(shop):
    answer = place(shop)
    assert answer.status_code == 201
    assert answer.get_json()["amount"] == 999.5
    with shop.running("orders"):
        [message] = eventually(lambda: shop.broker().peek(ORDER_CREATED, 10))
    event = json.loads(message.body)
    assert event.pop("eventId") == message.message_id
    assert event == ORDER
    assert message.content_type == "application/json"


def test_an_order_without_an_id_gets_one_and_an_unknown_one_is_404(shop):
    made = shop.client("orders").post("/v1/orders", json={key: ORDER[key] for key in ("clientId", "items")})
    assert shop.client("orders").get(f"/v1/orders/{made.get_json()['orderId']}").status_code == 200
    assert shop.client("orders").get("/v1/orders/unknown").status_code == 404


def test_the_same_order_twice_is_one_order_and_one_event_and_another_one_is_409(shop):
    assert [place(shop).status_code, place(shop).status_code] == [201, 200]
    assert place(shop, clientId="another").status_code == 409
    assert shop.client("orders").get("/_outbox").get_json() == {"unpublished": 1}


def test_d2_while_the_queue_is_away_the_event_waits_and_is_published_when_it_is_back(shop):
    shop.build("orders")
    shop.broker().ping()
    queue = shop.broker().store
    with shop.running("orders"):
        with queue.connect():  # somebody holds the queue's database
            place(shop)
            assert shop.client("orders").get("/_outbox").get_json() == {"unpublished": 1}
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 1)
        eventually(lambda: shop.client("orders").get("/_outbox").get_json() == {"unpublished": 0})
