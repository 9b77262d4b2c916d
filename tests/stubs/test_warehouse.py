"""Flow A from the warehouse's side."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from stubs.common import operations
from stubs.warehouse.stock import take

ADD = "/warehouse/v1/order/products"


def addition(**changes):
    return {
        "orderId": "536365", "clientId": "17850", "productId": "kitchen", "orderDate": "2026-11-22T10:00:00Z",
        "status": "placed", "operationId": "add-1", **changes,
    }


@pytest.fixture
def stocked(shop):
    kitchen = [{"componentId": "worktop", "quantity": 1}, {"componentId": "door", "quantity": 4}]
    with shop.running("products"):
        shop.call("PUT", "products", "/products/v1/products/kitchen/components", {"components": kitchen})
        for component in ("worktop", "door"):
            shop.client("warehouse-1").put(f"/warehouse/v1/stock/{component}", json={"available": 10})
        yield shop


def stock(shop):
    client = shop.client("warehouse-2")
    return {name: client.get(f"/warehouse/v1/stock/{name}").get_json()["available"] for name in ("worktop", "door")}


def add(shop, warehouse="warehouse-1", **changes):
    return shop.client(warehouse).post(ADD, json=addition(**changes))


def test_a1_a_product_takes_its_components_from_the_stock_of_both_warehouses(stocked):
    answer = add(stocked, quantity=2)
    assert answer.status_code == 200
    assert answer.get_json()["result"] == "added"
    assert stock(stocked) == {"worktop": 8, "door": 2}


def test_a5_an_unknown_product_is_404_and_reported_for_review(stocked):
    for _ in range(2):
        assert add(stocked, productId="no such thing").status_code == 404
    [row] = stocked.reports("warehouse-1")
    report = json.loads(row["body"])
    assert (report["kind"], report["review"], report["error"]["status"]) == ("http", True, 404)
    assert (report["orderId"], report["clientId"]) == ("536365", "17850")
    assert "remedy" not in report


def test_a6_too_few_components_are_202_and_nothing_is_written_or_reported(stocked):
    answer = add(stocked, quantity=3)
    assert answer.status_code == 202
    assert stock(stocked) == {"worktop": 10, "door": 10}
    assert stocked.reports("warehouse-1") == []
    with stocked.store("warehouse-1").read() as session:
        assert operations.all_applied(session) == []


def test_a7_a_failed_write_is_reported_once_with_its_remedy_and_the_customer_is_told_yes(stocked):
    stocked.client("warehouse-1").put("/_faults", json={"mode": "db_write_fails"})
    assert add(stocked).status_code == 200
    assert add(stocked, "warehouse-2").status_code == 200
    assert stock(stocked) == {"worktop": 10, "door": 10}
    [row] = stocked.reports("warehouse-1")
    report = json.loads(row["body"])
    assert report["kind"] == "db_write"
    assert report["remedy"] == {
        "type": "stock_decrement", "operationId": "add-1", "orderId": "536365",
        "components": [{"componentId": "door", "quantity": 4}, {"componentId": "worktop", "quantity": 1}],
    }
    assert stocked.client("warehouse-1").get("/_faults").get_json()["hits"] == 1


def test_a7_a_locked_database_is_reported_as_well(stocked):
    stocked.build("warehouse-1")
    with stocked.store("warehouse-2").connect():
        stocked.context("warehouse-1").store.engine.dispose()
        with stocked.desk.running():
            assert add(stocked).status_code == 200
    assert stocked.desk.requests[0].json["remedy"]["operationId"] == "add-1"
    assert stock(stocked) == {"worktop": 10, "door": 10}


def test_too_few_components_are_202_even_while_writing_fails(stocked):
    stocked.client("warehouse-1").put("/_faults", json={"mode": "db_write_fails"})
    assert add(stocked, quantity=3).status_code == 202
    assert stocked.reports("warehouse-1") == []


def test_a_repeat_under_the_same_operation_takes_nothing_more(stocked):
    for warehouse in ("warehouse-1", "warehouse-2", "warehouse-1"):
        assert add(stocked, warehouse).status_code == 200
    assert stock(stocked) == {"worktop": 9, "door": 6}


def test_calls_without_an_operation_are_each_an_operation_of_their_own(stocked):
    request = addition()
    del request["operationId"]
    for _ in range(2):
        assert stocked.client("warehouse-1").post(ADD, json=request).status_code == 200
    assert stock(stocked) == {"worktop": 8, "door": 2}


def test_what_the_desk_has_applied_or_given_up_is_not_applied_again(stocked):
    with stocked.store("warehouse-1").write() as session:
        operations.mark(session, "add-1", "tombstone", "536365", {}, "desk")
    assert add(stocked).status_code == 200
    assert stock(stocked) == {"worktop": 10, "door": 10}


def test_many_at_once_never_take_more_than_there_is(stocked):
    stocked.build("warehouse-1"), stocked.build("warehouse-2")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda n: add(stocked, f"warehouse-{n % 2 + 1}", operationId=f"op-{n}").status_code, range(8)))
    assert sorted(answers) == [200, 200] + [202] * 6
    assert stock(stocked) == {"worktop": 8, "door": 2}


def test_of_two_at_once_under_one_operation_only_one_takes(stocked):
    for warehouse in ("warehouse-1", "warehouse-2"):  # both have looked, neither has found the marker
        with stocked.store(warehouse).write() as session:
            take(session, "add-1", "536365", {"door": 4}, warehouse)
    assert stock(stocked) == {"worktop": 10, "door": 6}


def test_while_products_is_away_the_caller_is_asked_to_try_again(shop):
    assert add(shop).status_code == 503


@pytest.mark.parametrize("changes", [
    {"orderId": 5}, {"orderId": ""}, {"orderId": "a/b"}, {"orderId": ".."}, {"clientId": None},
    {"status": "paid"}, {"quantity": 0}, {"quantity": True}, {"quantity": "2"}, {"productId": "\0"},
])
def test_a_malformed_addition_is_400_and_names_the_field(stocked, changes):
    answer = add(stocked, **changes)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert next(iter(changes)) in answer.get_json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"orderId": "\\ud800"}'])
def test_a_body_that_is_no_object_is_400(shop, body):
    assert shop.client("warehouse-1").post(ADD, data=body).status_code == 400


def test_stock_that_cannot_be_written_is_500_as_json(stocked):
    client = stocked.client("warehouse-1")
    client.put("/_faults", json={"mode": "db_write_fails"})
    for component in ("worktop", "new"):
        answer = client.put(f"/warehouse/v1/stock/{component}", json={"available": 5})
        assert (answer.status_code, answer.get_json()["status"]) == (500, 500)
    client.delete("/_faults")
    assert client.put("/warehouse/v1/stock/worktop", json={"available": 5}).status_code == 200
    assert client.get("/warehouse/v1/stock/unknown").status_code == 404


def test_the_fault_is_in_the_database_so_that_a_foreign_writer_meets_it_too(stocked):
    stocked.client("warehouse-2").put("/_faults", json={"mode": "db_write_fails"})
    with pytest.raises(Exception, match="db_write_fails"), stocked.store("warehouse-1").write() as session:
        session.execute(text("UPDATE components SET available = 0"))
    assert stock(stocked) == {"worktop": 10, "door": 10}
