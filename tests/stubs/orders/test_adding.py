"""Flow A from the orders' side: a product is added by one warehouse or the other."""

from threading import Thread

import pytest

from tests.stubs.helpers import eventually
from tests.stubs.orders.orders_shop import add, doors, reports, status, writes_failing


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
