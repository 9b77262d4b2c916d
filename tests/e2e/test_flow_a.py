"""Rows A1–A7: a product is added to an order."""

import pytest

from app.domain.proposing import proposed
from tests.e2e.desk import Desk
from tests.e2e.shop import PLENTY, Shop, new_id

pytestmark = pytest.mark.e2e

ONE_CALL_AND_THREE_RETRIES = 4


def test_a1_adding_a_product_decrements_the_stock_of_its_components(shop: Shop, desk: Desk) -> None:
    product, parts = shop.product(leg=4, top=1)
    order = new_id("order")

    assert shop.add_product(order, product, quantity=3, status="approved").status == 200

    assert (shop.stock(parts["leg"]), shop.stock(parts["top"])) == (PLENTY - 12, PLENTY - 3)
    assert shop.status(order) == "approved"
    assert len(shop.operations("warehouse", order)) == 1
    assert desk.about(order) == []


def test_a2_orders_tries_an_unavailable_warehouse_again(shop: Shop, desk: Desk) -> None:
    product, parts = shop.product(leg=4)
    order, times = new_id("order"), 12

    with shop.fault("warehouse-1", "unavailable", rate=0.5):
        answers = [shop.add_product(order, product).status for _ in range(times)]

    assert answers == [200] * times
    assert shop.hits("warehouse-1") > 0
    assert shop.stock(parts["leg"]) == PLENTY - 4 * times
    assert desk.about(order) == []


@pytest.mark.parametrize("mode", ["unavailable", "error", "timeout"])
def test_a3_after_three_retries_orders_switches_to_warehouse_2(shop: Shop, desk: Desk, mode: str) -> None:
    product, parts = shop.product(leg=4)
    order = new_id("order")

    with shop.fault("warehouse-1", mode):
        assert shop.add_product(order, product).status == 200

    assert shop.hits("warehouse-1") == ONE_CALL_AND_THREE_RETRIES
    assert shop.stock(parts["leg"]) == PLENTY - 4
    assert [operation["applied_by"] for operation in shop.operations("warehouse", order)] == ["warehouse-2"]
    assert desk.about(order) == []


def test_a4_without_any_warehouse_the_customer_is_asked_to_add_the_product_later(shop: Shop) -> None:
    product, parts = shop.product(leg=4)
    order = new_id("order")

    with shop.fault("warehouse-1", "unavailable"), shop.fault("warehouse-2", "unavailable"):
        answer = shop.add_product(order, product)

    assert answer.status == 500
    assert "позднее" in answer.error and "later" in answer.error
    assert [shop.hits(name) for name in ("warehouse-1", "warehouse-2")] == [ONE_CALL_AND_THREE_RETRIES] * 2
    assert (shop.stock(parts["leg"]), shop.status(order)) == (PLENTY, None)
    assert shop.add_product(order, product).status == 200  # later
    assert shop.stock(parts["leg"]) == PLENTY - 4


def test_a5_a_product_that_products_does_not_know_goes_to_manual_review(shop: Shop, desk: Desk) -> None:
    order, unknown = new_id("order"), new_id("unknown")

    assert shop.add_product(order, unknown).status == 404

    failure = desk.stored(order, "review")
    assert (failure["source"], failure["kind"], failure["error"]["status"]) == ("warehouse", "http", 404)
    assert unknown in failure["error"]["message"]
    assert (failure["attempts"], failure["nextAttemptAt"]) == ([], None)
    assert shop.status(order) is None
    desk.act(failure["id"], "resolve", reason="The product's number was mistyped; the customer was told.")
    assert desk.failure(failure["id"])["status"] == "resolved"


def test_a5_with_the_right_product_the_desk_has_it_added_once(shop: Shop, desk: Desk) -> None:
    order, (product, parts) = new_id("order"), shop.product(leg=4)
    assert shop.add_product(order, new_id("unknown"), quantity=2).status == 404
    failure = desk.stored(order, "review")

    remedy = proposed(failure["operation"], failure["payload"])
    assert remedy is not None
    remedy["body"]["productId"] = product
    desk.act(failure["id"], "retry", remedy=remedy)

    assert desk.becomes(failure["id"], "resolved")["attempts"][-1]["outcome"] == "applied"
    desk.act(failure["id"], "reopen", reason="once more")
    desk.act(failure["id"], "retry")
    desk.becomes(failure["id"], "resolved")
    assert (shop.stock(parts["leg"]), shop.status(order)) == (PLENTY - 8, "placed")
    assert len(shop.operations("warehouse", order)) == 1


def test_a6_too_few_components_are_no_error_and_decrement_nothing(shop: Shop, desk: Desk) -> None:
    product, parts = shop.product(available=7, leg=4, top=1)
    order = new_id("order")

    assert shop.add_product(order, product, quantity=2).status == 202

    assert (shop.stock(parts["leg"]), shop.stock(parts["top"])) == (7, 7)
    assert shop.operations("warehouse", order) == []
    assert desk.about(order) == []


@pytest.mark.either_broker
@pytest.mark.either_engine
def test_a7_a_stock_decrement_that_was_not_written_is_written_later_by_the_desk(shop: Shop, desk: Desk) -> None:
    product, parts = shop.product(leg=4, top=1)
    order = new_id("order")

    with shop.fault("warehouse-1", "db_write_fails"):
        assert shop.add_product(order, product, quantity=2).status == 200  # the customer is told that it was added
        failure = desk.stored(order)
        assert (failure["source"], failure["kind"]) == ("warehouse", "db_write")
        assert failure["remedy"]["type"] == "stock_decrement"
        desk.tried(failure["id"])  # the fault is in the database itself: the desk meets it too
        assert (shop.stock(parts["leg"]), shop.stock(parts["top"])) == (PLENTY, PLENTY)

    healed = desk.becomes(failure["id"], "resolved")
    assert [attempt["outcome"] for attempt in healed["attempts"]][-1] == "applied"
    assert (shop.stock(parts["leg"]), shop.stock(parts["top"])) == (PLENTY - 8, PLENTY - 2)
    assert [each["applied_by"] for each in shop.operations("warehouse", order)] == ["desk"]
