"""Flow C: Shipping is asked, refuses, is away; the breaker, its probes, and what is left to a person."""

from types import SimpleNamespace

import pytest

from stubs.common.calls import Answer
from stubs.inventory import asking
from tests.stubs.helpers import eventually
from tests.stubs.inventory.inventory_shop import (
    ADDRESS,
    breaker,
    event,
    fault,
    hits,
    publish,
    put_stock,
    reports,
    status,
)


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
