"""Traffic: every scenario is caused for real, and a failure that the desk loses is found out."""

import json
from itertools import islice
from threading import Event, Thread

import pytest
from sqlalchemy import text

from stubs.common.settings import PORTS, read_settings
from stubs.traffic import quiet, run
from stubs.traffic import shop as client
from stubs.traffic.furniture import furniture
from stubs.traffic.scenarios import SCENARIOS, mistyped
from stubs.traffic.table import as_text
from tests.stubs.keeping_desk import KeepingDesk
from tests.stubs.processes import processes

# Those that make Orders fail come last: other orders' statuses would meet them too, and this desk repairs nothing.
APART = [*sorted(set(SCENARIOS) - {"B2", "B4"}), "B2", "B4"]
CAUSED = {"A5": 1, "A7": 1, "A7b": 1, "B2": 1, "B4": 1, "B5": 1, "B5b": 1, "C3": 1, "D3": 1, "D4": 1}


@pytest.fixture
def driven(shop, monkeypatch):
    """Drive one order through each scenario, past a desk that forgets what it is told to forget."""
    monkeypatch.setattr(quiet, "LOOK", 0.1)
    shop.desk = KeepingDesk(shop.desk.port)
    names: list[str] = []
    monkeypatch.setattr(run, "draw_scenario", lambda drive, share: names.pop(0))

    def drive(scenarios=tuple(APART), forgets=()):
        names[:] = scenarios
        shop.desk.forgets = set(forgets)
        stop = Event()
        for name in PORTS:
            shop.build(name)
            shop.context(name).reporter.start()
        with shop.desk.running(), shop.running(*PORTS):
            drain = Thread(target=shop.desk.drain, args=(shop.broker(), stop), daemon=True)
            drain.start()
            client_of_shop = client.Shop(read_settings("orders", shop.environment))
            found = run.run(client_of_shop, furniture(1), 4.0, 1.0, len(scenarios), 1, Event())
            stop.set()
            drain.join()
        return found

    (shop.context("orders").settings.instance / "traffic_token").write_text("t")
    return drive


@pytest.mark.e2e
def test_every_scenario_is_caused_for_real_and_found_again(driven):
    found = driven()
    assert found["ok"], as_text(found)
    assert {name: row["failures"] for name, row in found["scenarios"].items() if row["failures"]} == CAUSED
    assert {name: row["stored"] for name, row in found["scenarios"].items() if row["stored"]} == CAUSED
    assert all(row["run"] == 1 for row in found["scenarios"].values())
    assert found["orders"] == {"placed": len(SCENARIOS) + 1}  # one more takes the last ones of A7b
    assert all(check["ok"] for check in found["checks"])
    assert "D6 OrderCreated three times" in as_text(found)
    json.dumps(found)


@pytest.mark.e2e
def test_goods_that_are_gone_were_taken_by_another_order(driven, shop):
    found = driven(["A7b"])
    [short] = {report["body"]["orderId"] for report in told(shop, "warehouse-1")}
    with shop.store("warehouse-1").connect() as connection:
        takers = {row.order_id for row in connection.execute(text("SELECT order_id FROM applied_operations"))}
    assert found["ok"] and found["orders"] == {"placed": 2}
    assert takers == {f"{short}-2"}


@pytest.mark.e2e
def test_an_order_that_is_paid_under_an_unknown_number_waits_for_its_payment(driven, shop):
    found = driven(["B5"])
    [lost] = {report["body"]["orderId"] for report in told(shop, "orders")}
    with shop.store("orders").connect() as connection:
        [order] = connection.execute(text("SELECT order_id, status FROM orders")).all()
    assert found["ok"] and lost.startswith("LOST-") and order.status == "reserved"


def told(shop, name):
    """Return what a stub has reported, with each body read."""
    return [report | {"body": json.loads(report["body"])} for report in shop.reports(name)]


@pytest.mark.e2e
@pytest.mark.parametrize("scenario, forgotten", [("C3", "shipping.prepare"), ("D3", "inventory.order-created")])
def test_a_failure_that_the_desk_loses_is_found_out(driven, scenario, forgotten):
    found = driven([scenario], [forgotten])
    assert not found["ok"]
    assert found["scenarios"][scenario]["stored"] == 0
    assert "NO " in as_text(found)


@pytest.mark.e2e
def test_stock_that_does_not_add_up_is_found_out(driven, monkeypatch):
    monkeypatch.setattr("stubs.traffic.proof.differences", lambda before, after: {"door": (5, 4)})
    found = driven(["A2"])
    [odd] = [check["detail"] for check in found["checks"] if not check["ok"]]
    assert odd == "46 of 47; missing or odd: door: 5 due, 4 there"


def test_the_same_seed_gives_the_same_orders():
    first, second, other = (list(islice(furniture(seed).orders, 5)) for seed in (1, 1, 2))
    assert [order.order_id for order in first] == [order.order_id for order in second]
    assert [order.order_id for order in first] != [order.order_id for order in other]


@pytest.mark.parametrize("order, wrong", [("M-00A1", "M-001A"), ("M-0AA0", "M-0A0A"), ("1111", "11110"), ("", "0")])
def test_a_mistyped_number_is_another_one_that_looks_alike(order, wrong):
    assert mistyped(order) == wrong != order


@pytest.mark.e2e
def test_without_a_shop_it_says_so_in_one_line(tmp_path):
    with processes(tmp_path) as stubs:
        process = stubs.run("stubs.traffic", "--count", "1")
        output, log = process.communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert log.count("\n") == 1
    assert "orders cannot be reached" in log


@pytest.mark.e2e
def test_a_file_that_is_none_is_told_in_one_line(tmp_path):
    with processes(tmp_path) as stubs:
        process = stubs.run("stubs.traffic", "--orders", str(tmp_path / "missing.csv"))
        output, log = process.communicate(timeout=30)
    assert (process.returncode, output, log.count("\n")) == (2, "", 1)
    assert "missing.csv" in log
