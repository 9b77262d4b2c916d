"""The orders' side of flows A, B and D."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from messaging import FAILURE_ATTEMPT, FAILURE_ID, ORDER_CREATED, STATUS, Message, newest_death
from stubs.common import operations
from tests.stubs.helpers import eventually

ORDER = {
    "orderId": "536365", "clientId": "17850", "shippingAddress": "Москва, Тверская 1",
    "items": [{"productId": "kitchen", "quantity": 1, "price": 999.5}],
}
PRODUCT = {"clientId": "17850", "productId": "kitchen", "orderDate": "2026-11-22T10:00:00Z", "status": "approved"}


def change(before="placed", after="reserved", operation="reserve-536365", order="536365", **more):
    return {"operationId": operation, "orderId": order, "from": before, "to": after, **more}


def publish(shop, body, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    shop.broker().publish(STATUS, Message(raw, **options))


def status(shop, order="536365"):
    return shop.client("orders").get(f"/v1/orders/{order}").get_json()["status"]


def place(shop, **changes):
    return shop.client("orders").post("/v1/orders", json={**ORDER, **changes})


def reports(shop):
    return [json.loads(row["body"]) for row in shop.reports("orders") if row["path"] == "/api/v1/failures"]


@contextmanager
def writes_failing(shop):
    shop.client("orders").put("/_faults", json={"mode": "db_write_fails"})
    yield
    shop.client("orders").delete("/_faults")


@pytest.fixture
def stocked(shop):
    """A kitchen with its components, and Products to tell them."""
    with shop.running("products"):
        components = [{"componentId": "door", "quantity": 4}]
        shop.call("PUT", "products", "/products/v1/products/kitchen/components", {"components": components})
        shop.client("warehouse-1").put("/warehouse/v1/stock/door", json={"available": 20})
        yield shop


def doors(shop):
    with shop.store("warehouse-1").read() as session:
        return session.execute(text("SELECT available FROM components")).scalar_one()


def add(shop, **changes):
    return shop.client("orders").post("/v1/orders/A-1/products", json={**PRODUCT, **changes})


# --- orders and their events


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


# --- flow A


def test_a1_a_product_is_added_and_the_unknown_order_is_created_with_the_status_given(stocked):
    with stocked.running("warehouse-1"):
        assert add(stocked, quantity=2).status_code == 200
    order = stocked.client("orders").get("/v1/orders/A-1").get_json()
    assert (order["status"], order["clientId"]) == ("approved", "17850")
    assert [(item["productId"], item["quantity"]) for item in order["items"]] == [("kitchen", 2)]
    assert doors(stocked) == 12
    assert stocked.client("orders").get("/_outbox").get_json() == {"unpublished": 0}


def test_a2_the_retries_reach_a_warehouse_that_comes_back(stocked):
    warehouse = stocked.client("warehouse-1")
    warehouse.put("/_faults", json={"mode": "unavailable"})

    def come_back():
        eventually(lambda: warehouse.get("/_faults").get_json()["hits"])
        warehouse.delete("/_faults")

    with stocked.running("warehouse-1"):
        Thread(target=come_back).start()
        assert add(stocked).status_code == 200
    assert 1 <= warehouse.get("/_faults").get_json()["hits"] <= 3
    assert doors(stocked) == 16


@pytest.mark.parametrize("mode", ["unavailable", "error"])
def test_a3_after_one_call_and_three_retries_warehouse_2_is_asked(stocked, mode):
    with stocked.running("warehouse-1", "warehouse-2"):
        stocked.client("warehouse-1").put("/_faults", json={"mode": mode})
        assert add(stocked).status_code == 200
    assert stocked.client("warehouse-1").get("/_faults").get_json()["hits"] == 4
    assert doors(stocked) == 16


def test_a_timeout_at_warehouse_1_takes_from_the_stock_once(stocked):
    with stocked.running("warehouse-1", "warehouse-2"):
        stocked.client("warehouse-1").put("/_faults", json={"mode": "timeout"})
        assert add(stocked).status_code == 200
        stocked.client("warehouse-1").delete("/_faults")
    assert doors(stocked) == 16


def test_a4_when_both_warehouses_are_away_the_customer_is_asked_to_come_back_later(stocked):
    answer = add(stocked)
    assert answer.status_code == 500
    assert "позднее" in answer.get_json()["detail"] and "later" in answer.get_json()["detail"]
    assert stocked.client("orders").get("/v1/orders/A-1").status_code == 404


@pytest.mark.parametrize("product, quantity, expected", [("unknown", 1, 404), ("kitchen", 6, 202)])
def test_a5_a6_the_warehouses_no_is_passed_on_and_nothing_is_added(stocked, product, quantity, expected):
    with stocked.running("warehouse-1"):
        assert add(stocked, productId=product, quantity=quantity).status_code == expected
    assert stocked.client("orders").get("/v1/orders/A-1").status_code == 404


def test_a_refusal_is_not_retried(stocked):
    with stocked.running("warehouse-1", "warehouse-2"):
        stocked.client("warehouse-1").put("/_faults", json={"mode": "reject"})
        assert add(stocked).status_code == 400
    assert stocked.client("warehouse-1").get("/_faults").get_json()["hits"] == 1


def test_the_posted_status_moves_an_order_forwards_and_never_backwards(stocked):
    with stocked.running("warehouse-1"):
        for posted, expected in [("placed", "placed"), ("delivered", "delivered"), ("placed", "delivered")]:
            assert add(stocked, status=posted).status_code == 200
            assert status(stocked, "A-1") == expected


def test_a_posted_status_that_cannot_be_written_is_reported_and_the_product_is_added(stocked):
    with stocked.running("warehouse-1"):
        add(stocked, status="placed")
        with writes_failing(stocked):
            assert add(stocked, status="delivered").status_code == 200
    assert len(stocked.client("orders").get("/v1/orders/A-1").get_json()["items"]) == 2
    [report] = reports(stocked)
    assert (report["remedy"]["from"], report["remedy"]["to"]) == ("placed", "delivered")


def test_a_product_that_cannot_be_written_is_reported_with_the_same_call_as_its_remedy(stocked):
    stocked.build("orders")
    with stocked.running("warehouse-1"), stocked.desk.running():
        with stocked.store("orders").connect():
            assert add(stocked).status_code == 200
        remedy = stocked.desk.requests[0].json["remedy"]
        again = stocked.client("orders").post(remedy["path"], json=remedy["body"])
        assert again.status_code == 200
        stocked.client("orders").post(remedy["path"], json=remedy["body"])
    assert doors(stocked) == 16
    assert len(stocked.client("orders").get("/v1/orders/A-1").get_json()["items"]) == 1


# --- flow B


def test_b1_b3_a_status_message_is_applied_with_its_marker(shop):
    place(shop)
    publish(shop, change())
    publish(shop, change("reserved", "paid", "payment-1", amount=999.5))
    with shop.running("orders"):
        eventually(lambda: status(shop) == "paid")
    with shop.store("orders").read() as session:
        applied = {row["operationId"]: row["effect"] for row in operations.all_applied(session)}
    assert applied["payment-1"] == {"from": "reserved", "to": "paid"}


def test_b2_while_orders_is_down_the_message_expires_to_the_dead_letter_queue(shop):
    place(shop)
    shop.client("orders").put("/_faults", json={"mode": "unavailable"})
    publish(shop, change())
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(f"{STATUS}.dlq") == 1)
    [message] = shop.broker().peek(f"{STATUS}.dlq", 10)
    assert newest_death(message.headers).reason == "expired"
    assert status_of_row(shop) == "placed"
    assert shop.client("orders").get("/_faults").get_json()["hits"] == 0, "the consumer was to be cancelled"


def status_of_row(shop):
    with shop.store("orders").read() as session:
        return session.execute(text("SELECT status FROM orders")).scalar_one()


def test_b4_a_status_that_cannot_be_written_is_reported_with_its_remedy(shop):
    place(shop)
    with shop.running("orders"), writes_failing(shop):
        publish(shop, change())
        [report] = eventually(lambda: reports(shop))
        eventually(lambda: shop.broker().depth(STATUS) == 0)
        assert shop.client("orders").get("/_faults").get_json()["hits"] == 1
    assert report["kind"] == "db_write"
    assert report["operation"] == "order.status"
    assert report["remedy"] == {"type": "order_status", **change()}
    assert "review" not in report
    assert status(shop) == "placed"


def test_b5_a_lost_order_is_reported_for_review_with_all_that_is_known(shop):
    shop.build("orders")
    lost = change("reserved", "paid", "payment-1", "lost", amount=12.5, clientId="17850")
    publish(shop, lost)
    with shop.running("orders"):
        [report] = eventually(lambda: reports(shop))
    assert report["review"] is True
    assert (report["orderId"], report["clientId"]) == ("lost", "17850")
    assert report["payload"] == lost
    assert report["remedy"]["type"] == "order_status"


def test_the_same_message_twice_is_applied_once(shop):
    place(shop)
    publish(shop, change())
    publish(shop, change())
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert status(shop) == "reserved"
    assert reports(shop) == []


def test_a_late_message_never_moves_the_status_backwards(shop):
    place(shop)
    publish(shop, change("placed", "paid", "one"))
    publish(shop, change("placed", "reserved", "late"))
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert status(shop) == "paid"


def test_a_message_that_is_too_early_is_redelivered_until_its_time_has_come(shop):
    place(shop)
    publish(shop, change("reserved", "paid", "early"))
    with shop.running("orders"):
        publish(shop, change())
        eventually(lambda: status(shop) == "paid")
    assert reports(shop) == []


def test_a_message_that_stays_too_early_is_reported_with_its_remedy_before_it_would_die(shop):
    place(shop)
    publish(shop, change("reserved", "paid", "early"))
    with shop.running("orders"):
        [report] = eventually(lambda: reports(shop))
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert report["error"]["type"] == "OrderNotReady"
    assert "review" not in report
    assert shop.broker().depth(f"{STATUS}.dlq") == 0


def test_a_cancelled_order_stays_cancelled_and_a_person_is_told(shop):
    place(shop)
    publish(shop, change("placed", "cancelled", "stop"))
    with shop.running("orders"):
        eventually(lambda: status(shop) == "cancelled")
        publish(shop, change())
        [report] = eventually(lambda: reports(shop))
    assert report["review"] is True
    assert status(shop) == "cancelled"


@pytest.mark.parametrize("body", [
    b"", b"{", b"\xff\xfe", b"null", b"[]", b"{}", b"[" * 100_000,
    change(after="odd"), change(before="cancelled"), change(order=5), change(operation=""), change(order="a/../b"),
])
def test_a_malformed_message_goes_straight_to_the_dead_letter_queue_byte_for_byte(shop, body):
    shop.build("orders")
    publish(shop, body, message_id="odd")
    with shop.running("orders"):
        [message] = eventually(lambda: shop.broker().peek(f"{STATUS}.dlq", 10))
    assert message.body == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert newest_death(message.headers).reason == "rejected"


@pytest.mark.parametrize("mode, reason", [("error", "delivery_limit"), ("reject", "rejected")])
def test_messages_meet_the_fault_as_calls_do(shop, mode, reason):
    place(shop)
    shop.client("orders").put("/_faults", json={"mode": mode})
    publish(shop, change())
    with shop.running("orders"):
        [message] = eventually(lambda: shop.broker().peek(f"{STATUS}.dlq", 10))
    assert newest_death(message.headers).reason == reason
    hits = shop.client("orders").get("/_faults").get_json()["hits"]
    assert hits == (5 if mode == "error" else 1)
    assert status_of_row(shop) == "placed"


def replay_headers(attempt=1):
    return {FAILURE_ID: "0198c0de-0000-7000-8000-000000000000", FAILURE_ATTEMPT: attempt}


def confirmations(shop):
    return [json.loads(row["body"])["attempt"] for row in shop.reports("orders") if row["path"].endswith("/confirm")]


def test_a_replayed_message_is_confirmed_when_it_was_applied_and_when_it_was_known(shop):
    place(shop)
    for attempt in (1, 2):
        publish(shop, change(), headers=replay_headers(attempt))
    with shop.running("orders"):
        eventually(lambda: confirmations(shop) == [1, 2])


def test_a_replayed_message_that_fails_again_is_a_new_failure_and_confirmed(shop):
    shop.build("orders")
    publish(shop, change(order="lost"))
    publish(shop, change(order="lost"), headers=replay_headers())
    with shop.running("orders"):
        eventually(lambda: confirmations(shop) == [1])
    assert len(reports(shop)) == 2


def test_what_the_desk_wrote_meanwhile_is_not_written_again(shop):
    place(shop)
    with shop.store("orders").write() as session:
        operations.mark(session, "reserve-536365", "tombstone", "536365", {}, "desk")
    publish(shop, change())
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert status(shop) == "placed"


# --- payments


def test_a_payment_becomes_a_message_and_moves_the_order(shop):
    place(shop)
    with shop.store("orders").write() as session:
        session.execute(text("UPDATE orders SET status = 'reserved'"))
    before = datetime.now(UTC) - timedelta(seconds=1)
    paid = shop.client("payments").post("/v1/payments", json={"orderId": "536365", "amount": 999.5})
    assert paid.status_code == 202
    with shop.running("payments"):
        [message] = eventually(lambda: shop.broker().peek(STATUS, 10))
    body = json.loads(message.body)
    assert message.message_id == body["operationId"]
    assert datetime.fromisoformat(body["paidAt"]) > before
    assert (body["orderId"], body["from"], body["to"], body["amount"]) == ("536365", "reserved", "paid", 999.5)


def test_a_payment_that_cannot_be_written_is_500_and_sends_nothing(shop):
    client = shop.client("payments")
    client.put("/_faults", json={"mode": "db_write_fails"})
    assert client.post("/v1/payments", json={"orderId": "1", "amount": 1}).status_code == 500
    assert client.get("/_outbox").get_json() == {"unpublished": 0}


@pytest.mark.parametrize("body", [
    {}, {"orderId": "1"}, {"orderId": "1", "amount": "5"}, {"orderId": "1", "amount": -1},
])
def test_a_malformed_payment_is_400(shop, body):
    assert shop.client("payments").post("/v1/payments", json=body).status_code == 400
