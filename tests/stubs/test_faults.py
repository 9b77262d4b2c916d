"""The fault switch, the same at every stub."""

import pytest
from sqlalchemy import text

from stubs.common.faults import Faults
from tests.stubs.shop import Shop

PRODUCT = "/products/v1/products/kitchen/components"


def put_product(client):
    return client.put(PRODUCT, json={"components": [{"componentId": "door", "quantity": 4}]}).status_code


@pytest.mark.parametrize("mode, status", [("unavailable", 503), ("error", 500), ("reject", 400)])
def test_a_fault_strikes_before_any_effect_and_is_counted(shop, mode, status):
    client = shop.client("products")
    assert client.put("/_faults", json={"mode": mode}).status_code == 200
    assert put_product(client) == status
    assert client.get("/_faults").get_json() == {"mode": mode, "rate": 1.0, "until": None, "hits": 1}
    assert client.delete("/_faults").get_json() == {"mode": "none", "rate": 1.0, "until": None, "hits": 1}
    assert client.get(PRODUCT).status_code == 404


def test_a_timeout_holds_the_call_until_the_fault_is_lifted(shop):
    with shop.running("products"):
        shop.call("PUT", "products", "/_faults", {"mode": "timeout"})
        with pytest.raises(Exception, match="no answer"):
            shop.call("GET", "products", PRODUCT, timeout=0.3)
        assert shop.call("GET", "products", "/healthz", timeout=5).status == 200
        assert shop.call("DELETE", "products", "/_faults", timeout=5).body["hits"] == 1


def test_health_and_the_switch_itself_are_never_struck(shop):
    client = shop.client("products")
    client.put("/_faults", json={"mode": "unavailable"})
    assert client.get("/healthz").status_code == 200
    assert client.get("/_faults").get_json()["hits"] == 0


def test_a_write_fails_in_the_database_itself_and_is_counted(shop):
    client = shop.client("products")
    client.put("/_faults", json={"mode": "db_write_fails"})
    assert put_product(client) == 500
    assert client.get("/_faults").get_json()["hits"] == 1
    client.put("/_faults", json={"mode": "none"})
    assert put_product(client) == 200


def test_the_switch_survives_a_restart(shop, tmp_path):
    shop.client("products").put("/_faults", json={"mode": "error", "rate": 0.5})
    again = Shop(tmp_path)
    assert again.client("products").get("/_faults").get_json()["mode"] == "error"
    again.close()


def test_a_fault_ends_by_itself_for_the_service_and_for_the_trigger(shop):
    now = [1_000_000.0]
    shop.build("products")
    faults = Faults(shop.store("products"), "products", lambda: now[0])
    faults.put("db_write_fails", for_seconds=5)
    assert faults.current().mode == "db_write_fails"
    now[0] += 5
    assert faults.current().mode == "none"
    # The trigger goes by the database's own clock, to which that moment is long past.
    assert put_product(shop.client("products")) == 200


def test_the_rate_decides_how_many_meet_it(shop):
    shop.build("products")
    draws = iter([0.1, 0.29, 0.3, 0.9])
    faults = Faults(shop.store("products"), "products", draw=lambda: next(draws))
    faults.put("error", rate=0.3)
    assert [faults.strike() for _ in range(4)] == ["error", "error", None, None]
    assert faults.current().hits == 2


def test_the_triggers_rate_lets_some_writes_through(shop):
    client = shop.client("products")
    client.put("/_faults", json={"mode": "db_write_fails", "rate": 0.5})
    assert {put_product(client) for _ in range(60)} == {200, 500}
    client.put("/_faults", json={"mode": "db_write_fails", "rate": 0})
    assert {put_product(client) for _ in range(20)} == {200}


def test_two_warehouses_on_one_database_have_each_a_switch(shop):
    shop.client("warehouse-1").put("/_faults", json={"mode": "unavailable"})
    assert shop.client("warehouse-1").get("/warehouse/v1/stock/door").status_code == 503
    assert shop.client("warehouse-2").get("/warehouse/v1/stock/door").status_code == 404
    with shop.store("warehouse-1").read() as session:
        assert session.execute(text("SELECT count(*) FROM faults")).scalar_one() == 1


@pytest.mark.parametrize("body", [
    {}, {"mode": "odd"}, {"mode": "error", "rate": 2}, {"mode": "error", "rate": True}, [],
    {"mode": "error", "forSeconds": 0}, {"mode": "error", "forSeconds": "5"},
])
def test_a_switch_that_cannot_be_read_is_400_and_changes_nothing(shop, body):
    client = shop.client("products")
    assert client.put("/_faults", json=body).status_code == 400
    assert client.get("/_faults").get_json()["mode"] == "none"
