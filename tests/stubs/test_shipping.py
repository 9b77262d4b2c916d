"""Shipping, to the letter of its OpenAPI."""

import pytest

GOOD = {"orderId": "536365", "shippingAddress": "Москва, Тверская 1"}


def prepare(shop, body):
    return shop.client("shipping").post("/prepare-shipping", json=body)


def test_a_shipment_is_prepared_and_shown(shop):
    assert prepare(shop, GOOD).status_code == 200
    shown = shop.client("shipping").get("/v1/shipments/536365").get_json()
    assert shown == {**GOOD, "status": "preparing"}
    assert shop.client("shipping").get("/v1/shipments/unknown").status_code == 404


def test_a_repeat_changes_nothing(shop):
    for address in (GOOD["shippingAddress"], "elsewhere 5"):
        assert prepare(shop, {**GOOD, "shippingAddress": address}).status_code == 200
    assert shop.client("shipping").get("/v1/shipments/536365").get_json()["shippingAddress"] == GOOD["shippingAddress"]


@pytest.mark.parametrize("address", [None, "", "   ", 5, [], "?!.,", "—", "x" * 3000, "\0a"])
def test_an_invalid_address_is_400_in_the_words_of_the_openapi(shop, address):
    answer = prepare(shop, {**GOOD, "shippingAddress": address})
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.get_json() == {"error": "Invalid shipping address"}


@pytest.mark.parametrize("body", [{}, {"shippingAddress": "here 1"}, {**GOOD, "orderId": 5}, [], "text"])
def test_an_invalid_order_is_400(shop, body):
    assert prepare(shop, body).status_code == 400
    assert shop.client("shipping").post("/prepare-shipping", data=b"{").get_json() == {"error": "Invalid order data"}


@pytest.mark.parametrize("mode, status, words", [
    ("unavailable", 503, "Shipping service temporarily unavailable"), ("error", 500, "Internal Server Error"),
    ("db_write_fails", 500, "Internal Server Error"), ("reject", 400, "Invalid request data"),
])
def test_faults_answer_in_the_words_of_the_openapi(shop, mode, status, words):
    shop.client("shipping").put("/_faults", json={"mode": mode})
    answer = prepare(shop, GOOD)
    assert (answer.status_code, answer.get_json()) == (status, {"error": words})
