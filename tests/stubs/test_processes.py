"""The stubs as processes: they start, say what is wrong in one line, end cleanly, and lose nothing when killed."""

import signal
import time

import pytest

from messaging import ORDER_CREATED, open_broker, shop_topology
from stubs.common.settings import PORTS, SettingError, read_settings
from tests.stubs.helpers import TinyDesk, eventually
from tests.stubs.processes import processes

ORDER = {"orderId": "536365", "clientId": "17850", "shippingAddress": "here 1",
         "items": [{"productId": "kitchen", "quantity": 1}]}


@pytest.mark.e2e
def test_all_seven_start_serve_a_whole_order_and_end_cleanly_on_sigterm(tmp_path):
    with processes(tmp_path) as stubs:
        stubs.start(*PORTS)
        assert stubs.call("PUT", "inventory", "/v1/stock/kitchen", {"available": 5}).status == 200
        assert stubs.call("POST", "orders", "/v1/orders", ORDER).status == 201
        eventually(lambda: stubs.call("GET", "orders", "/v1/orders/536365").body["status"] == "reserved")
        assert stubs.call("POST", "payments", "/v1/payments", {"orderId": "536365", "amount": 5}).status == 202
        eventually(lambda: stubs.call("GET", "orders", "/v1/orders/536365").body["status"] == "paid")
        eventually(lambda: stubs.call("GET", "inventory", "/v1/reservations/536365").body["status"] == "shipping")
        stubs.call("PUT", "shipping", "/_faults", {"mode": "timeout"})
        started = time.monotonic()
        for name in PORTS:
            status, log = stubs.end(name, signal.SIGINT if name == "products" else signal.SIGTERM)
            assert (status, "Traceback" in log) == (0, False), log
        assert time.monotonic() - started < 15


@pytest.mark.crash
def test_a_killed_stub_publishes_and_reports_after_its_restart_what_it_had_committed(tmp_path):
    with processes(tmp_path) as stubs:
        queue = stubs.environment.pop("DLO_QUEUE_DATABASE_URL", f"sqlite:///{tmp_path}/queue.db")
        broker = open_broker("embedded", queue, shop_topology(0.02))
        broker.ping()
        stubs.start("orders", "products", "warehouse-1")
        with broker.store.connect():  # the queue is away
            stubs.call("POST", "orders", "/v1/orders", ORDER)
            assert stubs.call("GET", "orders", "/_outbox").body == {"unpublished": 1}
            stubs.call("POST", "warehouse-1", "/warehouse/v1/order/products", {
                "orderId": "1", "clientId": "1", "productId": "unknown", "orderDate": "now", "status": "placed"})
            for name in ("orders", "warehouse-1"):
                assert stubs.end(name, signal.SIGKILL)[0] == -signal.SIGKILL
        desk = TinyDesk(int(stubs.environment["DLO_PORT"]))
        with desk.running():
            stubs.start("orders", "warehouse-1")
            eventually(lambda: broker.depth(ORDER_CREATED) == 1)
            [request] = eventually(lambda: desk.requests)
        assert request.json["error"]["status"] == 404
        broker.close()


@pytest.mark.parametrize("variable, value", [
    ("DLO_RETRY_SCALE", "fast"), ("DLO_RETRY_SCALE", "0"), ("DLO_RETRY_SCALE", "nan"), ("DLO_PORT", "80.5"),
    ("STUBS_BASE_PORT", "x"), ("DLO_BROKER_URL", "kafka"), ("DLO_SERVICE_TOKENS", "orders"),
    ("ORDERS_DATABASE_URL", "sqlite:////no/such/folder/x.db"), ("ORDERS_DATABASE_URL", "mysql://x"),
    ("ORDERS_DATABASE_URL", "nonsense"), ("DLO_QUEUE_DATABASE_URL", "sqlite:////no/such/folder/x.db"),
])
def test_a_wrong_setting_is_told_in_one_line_that_names_the_variable(tmp_path, variable, value):
    with pytest.raises(SettingError, match=f"^{variable}: ") as error:
        read_settings("orders", {"DLO_INSTANCE": str(tmp_path), variable: value})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("variable, value", [
    ("DLO_RETRY_SCALE", "fast"), ("PRODUCTS_DATABASE_URL", "postgresql+psycopg://x:y@127.0.0.1:1/z"),
])
def test_a_process_with_a_wrong_setting_prints_one_line_and_ends(tmp_path, variable, value):
    with processes(tmp_path) as stubs:
        stubs.environment[variable] = value
        process = stubs.run("stubs.products")
        output, log = process.communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert log.startswith(f"{variable}: ")
    assert log.count("\n") == 1


def test_a_taken_port_is_told_in_one_line(tmp_path):
    with processes(tmp_path) as stubs:
        stubs.start("products")
        process = stubs.run("stubs.products")
        _, log = process.communicate(timeout=30)
    assert process.returncode == 2
    assert log.startswith("STUBS_BASE_PORT: ") and log.count("\n") == 1


def test_defaults_follow_the_instance_folder_and_tokens_come_from_its_file(tmp_path):
    settings = read_settings("warehouse-2", {"DLO_INSTANCE": str(tmp_path / "new"), "DLO_HOST": "0.0.0.0"})
    assert settings.database_url == f"sqlite:///{tmp_path}/new/warehouse.db"
    assert settings.desk_url == "http://127.0.0.1:8080"
    assert settings.port == 5104
    assert settings.token() is None
    (tmp_path / "new" / "service_tokens").write_text("orders=o,warehouse=w\n")
    assert settings.token() == "w"
