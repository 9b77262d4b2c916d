"""Flows C and D from the inventory's side."""

import json
from types import SimpleNamespace

import pytest

from messaging import FAILURE_ATTEMPT, FAILURE_ID, ORDER_CREATED, STATUS, Message, newest_death
from stubs.common.calls import Answer
from stubs.inventory import asking, records
from tests.stubs.helpers import eventually
from tests.stubs.shop import Shop

ADDRESS = "Москва, Тверская 1"


@pytest.fixture
def shop(tmp_path):
    """A shop whose figures are a hundredth: probes are three seconds apart."""
    shop = Shop(tmp_path, scale="0.01")
    yield shop
    shop.close()


@pytest.fixture
def quick(tmp_path):
    """A shop whose probes are 0.3 seconds apart, for the flows that need several."""
    shop = Shop(tmp_path / "quick", scale="0.001")
    yield shop
    shop.close()


def event(order="536365", quantity=2, address=ADDRESS, **changes):
    return {
        "eventId": f"event-{order}", "orderId": order, "clientId": "17850", "shippingAddress": address,
        "items": [{"productId": "kitchen", "quantity": quantity}], **changes,
    }


def publish(shop, body, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    options.setdefault("message_id", "event")
    shop.broker().publish(ORDER_CREATED, Message(raw, **options))


def put_stock(shop, number=100):
    shop.client("inventory").put("/v1/stock/kitchen", json={"available": number})


def stock(shop):
    return shop.client("inventory").get("/v1/stock/kitchen").get_json()["available"]


def status(shop, order="536365"):
    return shop.client("inventory").get(f"/v1/reservations/{order}").get_json().get("status")


def reports(shop):
    return [json.loads(row["body"]) for row in shop.reports("inventory") if row["path"] == "/api/v1/failures"]


def confirmations(shop):
    return [row for row in shop.reports("inventory") if row["path"].endswith("/confirm")]


def fault(shop, mode, **more):
    shop.client("shipping").put("/_faults", json={"mode": mode, **more})


def hits(shop):
    return shop.client("shipping").get("/_faults").get_json()["hits"]


def breaker(shop):
    return shop.client("inventory").get("/_breaker").get_json()


# --- flow D


def test_d1_c1_an_order_is_reserved_told_to_orders_and_shipped(shop):
    put_stock(shop)
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")
        assert shop.call("GET", "shipping", "/v1/shipments/536365").body["shippingAddress"] == ADDRESS
        [message] = eventually(lambda: shop.broker().peek(f"{STATUS}.dlq", 10) or shop.broker().peek(STATUS, 10))
    told = json.loads(message.body)
    assert told == {"operationId": "reserve-536365", "orderId": "536365", "clientId": "17850",
                    "from": "placed", "to": "reserved"}
    assert message.message_id == "reserve-536365"
    assert stock(shop) == 98


@pytest.mark.parametrize("body", [
    b"", b"{", b"\xff", b"[]", event(items=[]), event(items=[{"productId": "kitchen", "quantity": -1}]),
    event(clientId=None), event(eventId=5), event(shippingAddress=5), event(order="a/b"),
])
def test_d3_an_invalid_message_goes_straight_to_the_dead_letter_queue(shop, body):
    put_stock(shop)
    publish(shop, body)
    with shop.running("inventory"):
        [message] = eventually(lambda: shop.broker().peek(f"{ORDER_CREATED}.dlq", 10))
    assert message.body == (body if isinstance(body, bytes) else json.dumps(body).encode())
    assert newest_death(message.headers).reason == "rejected"
    assert stock(shop) == 100


def test_d4_too_few_are_reported_for_review_and_never_redelivered(shop):
    put_stock(shop, 1)
    publish(shop, event())
    with shop.running("inventory"):
        [report] = eventually(lambda: reports(shop))
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 0)
    assert (report["kind"], report["review"], report["orderId"]) == ("message", True, "536365")
    assert "2 needed, 1 available" in report["error"]["message"]
    assert report["remedy"]["body"] == event()
    assert stock(shop) == 1
    assert shop.broker().depth(f"{ORDER_CREATED}.dlq") == 0


def test_d4_the_same_event_reserves_after_restocking_and_is_confirmed(shop):
    put_stock(shop, 1)
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: reports(shop))
        put_stock(shop, 10)
        publish(shop, event(), headers={FAILURE_ID: "0198", FAILURE_ATTEMPT: 1})
        eventually(lambda: status(shop) == "shipping")
        eventually(lambda: len(confirmations(shop)) == 1)
    assert stock(shop) == 8


def test_d4_a_replay_that_finds_too_few_again_is_a_new_failure(shop):
    put_stock(shop, 1)
    publish(shop, event())
    publish(shop, event(), headers={FAILURE_ID: "0198", FAILURE_ATTEMPT: 1})
    with shop.running("inventory"):
        eventually(lambda: len(confirmations(shop)) == 1)
    assert len(reports(shop)) == 2


def test_d5_a_failing_write_is_redelivered_five_times_and_then_dead_lettered(shop):
    put_stock(shop)
    shop.client("inventory").put("/_faults", json={"mode": "db_write_fails"})
    publish(shop, event())
    with shop.running("inventory"):
        [message] = eventually(lambda: shop.broker().peek(f"{ORDER_CREATED}.dlq", 10))
    assert newest_death(message.headers).reason == "delivery_limit"
    assert shop.client("inventory").get("/_faults").get_json()["hits"] == 5
    assert stock(shop) == 100
    assert reports(shop) == []


def test_d5_a_passing_failure_heals_by_itself(shop):
    put_stock(shop)
    shop.client("inventory").put("/_faults", json={"mode": "db_write_fails", "forSeconds": 0.03})
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")


def test_d6_the_same_event_twice_is_one_reservation(shop):
    put_stock(shop)
    for _ in range(3):
        publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 0)
    assert stock(shop) == 98
    assert shop.client("inventory").get("/_outbox").get_json() == {"unpublished": 0}


def test_d6_a_repeat_that_would_find_too_few_is_a_repeat_all_the_same(shop):
    put_stock(shop, 2)
    for _ in range(2):
        publish(shop, event())
    with shop.running("inventory"):
        eventually(lambda: shop.broker().depth(ORDER_CREATED) == 0)
    assert stock(shop) == 0
    assert reports(shop) == []


def test_d6_of_two_at_once_only_one_reserves(shop):
    put_stock(shop)
    row = {"order_id": "536365", "client_id": "1", "event_id": "1", "shipping_address": "", "items": []}
    with shop.store("inventory").write() as session:
        assert [records.reserve(session, row, {"kitchen": 2}, 0.0) for _ in range(2)] == [True, False]
    assert stock(shop) == 98


def test_while_inventory_is_down_nothing_is_taken_and_nothing_is_lost(shop):
    put_stock(shop)
    shop.client("inventory").put("/_faults", json={"mode": "unavailable"})
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        assert shop.call("GET", "inventory", "/v1/stock/kitchen").status == 503
        assert shop.broker().depth(ORDER_CREATED) == 1
        shop.client("inventory").delete("/_faults")
        eventually(lambda: status(shop) == "shipping")


def test_a_product_named_twice_is_taken_as_one_sum(shop):
    put_stock(shop, 3)
    publish(shop, event(items=[{"productId": "kitchen", "quantity": 2}] * 2))
    with shop.running("inventory"):
        [report] = eventually(lambda: reports(shop))
    assert "4 needed, 3 available" in report["error"]["message"]


# --- flow C


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503, 504, 302])
def test_an_answer_that_may_change_is_no_refusal(shop, monkeypatch, status):
    monkeypatch.setattr(asking, "ask", lambda *_: Answer(status, None))
    with pytest.raises(asking.ShippingAway):
        asking.ask_firmly(shop.context("inventory"), SimpleNamespace(order_id="1", shipping_address=ADDRESS))


@pytest.mark.parametrize("mode", ["unavailable", "error"])
def test_c2_a_passing_failure_is_retried(shop, mode):
    put_stock(shop)
    fault(shop, mode, forSeconds=0.02)
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: status(shop) == "shipping")
    assert breaker(shop)["errors"] == 0


def test_c2_no_answer_in_time_is_a_failure_like_any_other(shop):
    put_stock(shop)
    fault(shop, "timeout")
    publish(shop, event())
    with shop.running("inventory", "shipping"):
        eventually(lambda: breaker(shop)["errors"] >= 1)
        shop.client("shipping").delete("/_faults")
        eventually(lambda: status(shop) == "shipping")


@pytest.mark.parametrize("address", ["???", "", None])
def test_c3_a_refused_order_is_reported_for_review_and_never_sent_again_as_it_is(shop, address):
    put_stock(shop)
    publish(shop, event(address=address))
    with shop.running("inventory", "shipping"):
        [report] = eventually(lambda: reports(shop))
    assert (report["kind"], report["operation"], report["review"]) == ("http", "shipping.prepare", True)
    assert report["error"] == {
        "type": "ShippingRefused", "message": "Invalid shipping address", "status": 400, "detail": None}
    remedy = report["remedy"]
    assert (remedy["target"], remedy["method"], remedy["path"]) == \
        ("inventory", "POST", "/v1/reservations/536365/ship")
    assert status(shop) == "reserved"
    assert breaker(shop)["errors"] == 0


def test_c3_corrected_data_is_sent_by_the_remedy(shop):
    put_stock(shop)
    publish(shop, event(address="???"))
    with shop.running("inventory", "shipping"):
        [report] = eventually(lambda: reports(shop))
        path = report["remedy"]["path"]
        refused = shop.call("POST", "inventory", path, {"shippingAddress": "!!!"})
        assert (refused.status, refused.error) == (400, "Invalid shipping address")
        for _ in range(2):
            assert shop.call("POST", "inventory", path, {"shippingAddress": ADDRESS}).status == 200
        assert status(shop) == "shipping"
        assert shop.call("GET", "shipping", "/v1/shipments/536365").body["shippingAddress"] == ADDRESS
    assert len(reports(shop)) == 1


@pytest.mark.parametrize("mode, expected", [("unavailable", 503), ("error", 500), ("timeout", 504)])
def test_asking_again_passes_shippings_answer_on(shop, mode, expected):
    put_stock(shop)
    publish(shop, event(address="???"))
    with shop.running("inventory", "shipping"):
        eventually(lambda: reports(shop))
        fault(shop, mode)
        assert shop.call("POST", "inventory", "/v1/reservations/536365/ship").status == expected
        shop.client("shipping").delete("/_faults")
    assert shop.client("inventory").post("/v1/reservations/536365/ship").status_code == 503
    assert shop.client("inventory").post("/v1/reservations/unknown/ship").status_code == 404
    assert status(shop) == "reserved"


def test_c4_the_breaker_opens_and_orders_wait_without_a_call(shop):
    put_stock(shop)
    fault(shop, "unavailable")
    for number in range(4):
        publish(shop, event(f"order-{number}"))
    with shop.running("inventory", "shipping"):
        eventually(lambda: breaker(shop)["state"] == "open")
        calls = hits(shop)
        assert calls <= 5
        eventually(lambda: {status(shop, f"order-{number}") for number in range(4)} == {"awaiting_shipment"})
        publish(shop, event("late"))
        eventually(lambda: status(shop, "late") == "awaiting_shipment")
        assert hits(shop) == calls


def test_c5_a_successful_probe_closes_the_breaker_and_the_waiting_orders_are_sent_on(quick):
    put_stock(quick)
    fault(quick, "unavailable")
    for number in range(4):
        publish(quick, event(f"order-{number}"))
    with quick.running("inventory", "shipping"):
        eventually(lambda: breaker(quick)["state"] == "open")
        quick.client("shipping").delete("/_faults")
        eventually(lambda: {status(quick, f"order-{number}") for number in range(4)} == {"shipping"})
    assert breaker(quick)["state"] == "closed"
    assert reports(quick) == []


def test_c6_after_three_failed_probes_every_waiting_order_is_left_to_a_person(quick):
    put_stock(quick)
    fault(quick, "unavailable")
    names = ["order-0", "order-1", "order-2"]
    for name in names:
        publish(quick, event(name))
    with quick.running("inventory", "shipping"):
        eventually(lambda: {status(quick, name) for name in names} == {"awaiting_manual_shipment"})
        assert sorted(report["orderId"] for report in reports(quick)) == names
        assert all(report["review"] and report["remedy"]["target"] == "inventory" for report in reports(quick))

        publish(quick, event("late"))
        eventually(lambda: status(quick, "late") == "awaiting_shipment")
        eventually(lambda: status(quick, "late") == "awaiting_manual_shipment")

        quick.client("shipping").delete("/_faults")
        publish(quick, event("after"))
        eventually(lambda: status(quick, "after") == "shipping")
        assert {status(quick, name) for name in names} == {"awaiting_manual_shipment"}

        path = reports(quick)[0]["remedy"]["path"]
        assert quick.call("POST", "inventory", path, {}).status == 200
        assert status(quick, reports(quick)[0]["orderId"]) == "shipping"


def test_c6_a_restart_goes_on_where_the_old_process_was(quick, tmp_path):
    put_stock(quick)
    fault(quick, "unavailable")
    publish(quick, event())
    with quick.running("inventory", "shipping"):
        eventually(lambda: breaker(quick)["failedProbes"] >= 1)
    seen = breaker(quick)
    quick.stubs.pop("inventory"), quick.contexts.pop("inventory")
    assert breaker(quick) == seen
    with quick.running("inventory", "shipping"):
        eventually(lambda: status(quick) == "awaiting_manual_shipment")
    assert len(reports(quick)) == 1
