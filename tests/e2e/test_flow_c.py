"""Rows C1–C6: Inventory asks Shipping for every reserved order."""

import pytest

from tests.e2e.desk import Desk
from tests.e2e.shop import ADDRESS, Shop
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

ERRORS_IN_A_ROW, PROBES = 5, 3
NOWHERE = "???"


def test_c1_a_reserved_order_is_prepared_for_shipping(shop: Shop, desk: Desk) -> None:
    order = shop.order(shop.goods())

    shop.ships(order)

    assert (shop.shipment(order)["shipping_address"], shop.shipment(order)["status"]) == (ADDRESS, "preparing")
    shop.reaches(order, "reserved")  # Shipping's answer moves the reservation, not the order
    assert desk.about(order) == []


@pytest.mark.parametrize("mode", ["unavailable", "timeout"])
def test_c2_shipping_that_is_away_is_asked_again(shop: Shop, desk: Desk, mode: str) -> None:
    with shop.fault("shipping", mode):
        order = shop.order(shop.goods())
        eventually(lambda: shop.hits("shipping") >= 2)
        assert shop.shipment(order) == {}

    shop.ships(order)
    assert shop.shipment(order)["status"] == "preparing"
    assert desk.about(order) == []


@pytest.mark.either_broker
@pytest.mark.either_engine
def test_c3_an_address_that_shipping_refuses_is_corrected_by_a_person_and_sent_again(shop: Shop, desk: Desk) -> None:
    order = shop.order(shop.goods(), address=NOWHERE)

    failure = desk.stored(order, "review")
    assert (failure["source"], failure["kind"], failure["error"]["status"]) == ("inventory", "http", 400)
    assert failure["attempts"] == []
    assert (shop.reservation(order)["status"], shop.shipment(order)) == ("reserved", {})
    corrected = {**failure["remedy"], "body": {"shippingAddress": ADDRESS}}
    desk.act(failure["id"], "retry", remedy=corrected, reason="The customer told us the address.")

    healed = desk.becomes(failure["id"], "resolved")
    assert [attempt["outcome"] for attempt in healed["attempts"]] == ["applied"]
    assert shop.reservation(order)["status"] == "shipping"
    assert shop.shipment(order)["shipping_address"] == ADDRESS


def test_c3_sent_again_uncorrected_it_comes_back_to_review(shop: Shop, desk: Desk) -> None:
    order = shop.order(shop.goods(), address=NOWHERE)
    failure = desk.stored(order, "review")

    desk.act(failure["id"], "retry", reason="Perhaps it works now.")

    eventually(lambda: len(desk.failure(failure["id"])["attempts"]) == 1)
    again = desk.becomes(failure["id"], "review")
    assert again["attempts"][0]["outcome"] == "permanent"
    assert "Invalid shipping address" in again["reason"]
    assert shop.shipment(order) == {}


def test_c3_what_shipping_refuses_is_never_asked_again_as_it_is(shop: Shop, desk: Desk) -> None:
    with shop.fault("shipping", "reject"):
        refused = [shop.order(shop.goods()) for _ in range(2)]
        failures = [desk.stored(order, "review") for order in refused]
        assert shop.hits("shipping") == 2

    for failure, order in zip(failures, refused, strict=True):
        desk.act(failure["id"], "retry", reason="Shipping takes this address now.")
        desk.becomes(failure["id"], "resolved")
        assert shop.reservation(order)["status"] == "shipping"


def test_c4_after_too_many_errors_the_breaker_opens_and_orders_await_shipment(shop: Shop, desk: Desk) -> None:
    with shop.fault("shipping", "unavailable"):
        first = [shop.order(shop.goods()) for _ in range(2)]
        _opens(shop)
        late = shop.order(shop.goods())
        for order in (*first, late):
            shop.ships(order, "awaiting_shipment")
        assert shop.hits("shipping") <= ERRORS_IN_A_ROW + _breaker(shop)["failedProbes"]

    for order in (*first, late):
        shop.ships(order)
        assert desk.about(order) == []


def test_c5_one_probe_closes_the_breaker_and_the_waiting_orders_are_sent_on(shop: Shop, desk: Desk) -> None:
    with shop.fault("shipping", "unavailable"):
        waiting = [shop.order(shop.goods()) for _ in range(4)]
        _opens(shop)
        for order in waiting:
            shop.ships(order, "awaiting_shipment")
            assert shop.shipment(order) == {}

    for order in waiting:
        shop.ships(order)
        assert shop.shipment(order)["status"] == "preparing"
        assert desk.about(order) == []
    assert _breaker(shop)["state"] == "closed"


def test_c6_when_probes_do_not_help_each_order_awaits_a_person(shop: Shop, desk: Desk) -> None:
    with shop.fault("shipping", "unavailable"):
        given_up = [shop.order(shop.goods()) for _ in range(3)]
        for order in given_up:
            shop.ships(order, "awaiting_manual_shipment", within=60)
        failures = [desk.stored(order, "review") for order in given_up]
        assert shop.hits("shipping") <= ERRORS_IN_A_ROW + PROBES
        assert {(each["source"], each["operation"]) for each in failures} == {("inventory", "shipping.prepare")}

    for failure, order in zip(failures, given_up, strict=True):
        desk.act(failure["id"], "retry", reason="Shipping is back.")
        desk.becomes(failure["id"], "resolved")
        assert shop.reservation(order)["status"] == "shipping"
        assert shop.shipment(order)["status"] == "preparing"
    next_one = shop.order(shop.goods())
    shop.ships(next_one)
    assert _breaker(shop)["state"] == "closed"


def _breaker(shop: Shop) -> dict[str, object]:
    return shop.call("GET", "inventory", "/_breaker").body


def _opens(shop: Shop) -> None:
    eventually(lambda: _breaker(shop)["state"] != "closed")
