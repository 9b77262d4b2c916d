"""GET /api/v1/orders/{orderId} and …/candidates."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from sqlalchemy import text

from app.ids import new_id
from app.queries import asking
from tests.factories import STOCK_DECREMENT, make_failure, make_order, make_shop

URL = "/api/v1/orders"
ANSWERS = {
    "/v1/reservations/536365": (200, b'{"orderId": "536365", "status": "reserved", "items": [], "token": "hunter2"}'),
    "/v1/shipments/536365": (500, b"broken"),
    "/v1/reservations/long": (200, b'{"a": "' + b"x" * 100_000 + b'"}'),
    "/v1/reservations/moved": (302, b""),
    "/v1/": (200, b'{"not": "a reservation"}'),
}


class Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.endswith("/drip"):
            self.drip()
            return
        status, body = ANSWERS.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(300):
                self.wfile.write(b" ")
                time.sleep(0.1)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def environment(environment, service) -> dict[str, str]:
    return environment | {"DLO_TARGETS": json.dumps({
        "inventory": service, "shipping": service,
        "orders-db": environment["ORDERS_DATABASE_URL"], "warehouse-db": environment["WAREHOUSE_DATABASE_URL"],
    })}


@pytest.fixture
def states(client, admin):
    def get(order_id: str) -> dict[tuple[str, str], str]:
        answer = client.get(f"{URL}/{order_id}", headers=admin)
        assert answer.status_code == 200
        return {(record["source"], record["what"]): record["state"] for record in answer.json["records"]}

    return get


def test_all_that_is_known_of_an_order_stands_in_one_place(desk, client, clock, admin) -> None:
    make_shop(desk)
    make_order(desk, "536365", items='[{"productId": "P1", "quantity": 2}]', amount=139.5)
    clock.advance(60)
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    message = make_failure(desk, kind="message", source="payments")
    make_failure(desk, order_id="other")
    with desk.targets.store("warehouse-db").connect() as connection:
        connection.execute(text(
            "INSERT INTO applied_operations VALUES ('op-1', 'stock_decrement', '536365', 'd', '{}', 1, 'desk',"
            " '2026-11-22 09:02:00.000000')"))
    page = client.get(f"{URL}/536365", headers=admin).json
    assert page["orderId"] == "536365"
    assert {failure["id"] for failure in page["failures"]} == {failure_id, message}
    assert [failure["id"] for failure in page["messages"]] == [message]
    records = {(record["source"], record["what"]): record["record"] for record in page["records"]}
    assert records["orders", "order"].items() >= {"status": "reserved", "clientId": "17850", "amount": 139.5}.items()
    assert records["inventory", "reservation"] == {
        "orderId": "536365", "status": "reserved", "items": [], "token": "••••"}
    assert [(moment["at"], moment["what"], moment["detail"]) for moment in page["timeline"]] == [
        ("2026-11-22T09:00:00Z", "order created", None),
        ("2026-11-22T09:01:00Z", "received", None),
        ("2026-11-22T09:01:00Z", "received", None),
        ("2026-11-22T09:02:00Z", "stock_decrement", "{}"),
    ]
    assert {moment["failureId"] for moment in page["timeline"]} == {failure_id, message, None}


def test_a_service_that_does_not_answer_is_named_and_stops_nothing(desk, states) -> None:
    make_failure(desk)
    assert states("536365") == {
        ("orders", "order"): "not reachable", ("orders", "operations"): "not reachable",
        ("warehouse", "operations"): "not reachable", ("inventory", "reservation"): "found",
        ("shipping", "shipment"): "not reachable",
    }


@pytest.mark.parametrize("order_id", ["long", "moved"])
def test_an_answer_that_is_too_long_or_leads_elsewhere_is_none(desk, states, order_id) -> None:
    make_failure(desk, order_id=order_id)
    assert states(order_id)["inventory", "reservation"] == "not reachable"


def test_a_service_that_drips_its_answer_holds_nobody_up(desk, states, monkeypatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.3)
    make_failure(desk, order_id="drip")
    began = time.monotonic()
    assert states("drip")["inventory", "reservation"] == "not reachable"
    assert time.monotonic() - began < 10


def test_a_service_that_kept_somebody_waiting_is_not_asked_again_at_once(desk, states, monkeypatch) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.3)
    make_failure(desk, order_id="drip")
    assert states("drip")["inventory", "reservation"] == "not reachable"
    make_failure(desk, order_id="536365")
    assert states("536365")["inventory", "reservation"] == "not reachable"
    desk.silent_until.clear()  # as when the silence is over
    assert states("536365")["inventory", "reservation"] == "found"


@pytest.mark.parametrize("order_id", ["..", "a/../b", "a b", "%2e%2e", "заказ-1", "a?b=c", "a\x00b"])
def test_an_odd_order_id_leads_nowhere_else(desk, client, admin, order_id) -> None:
    from urllib.parse import quote

    make_shop(desk)
    assert client.get(f"{URL}/{quote(order_id, safe='')}", headers=admin).status_code == 404


def test_an_order_that_nothing_is_known_of_is_404(desk, client, admin) -> None:
    assert client.get(f"{URL}/1", headers=admin).status_code == 404
    make_shop(desk)
    answer = client.get(f"{URL}/1", headers=admin)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_who_may_not_read_gets_403_before_404(client, warehouse) -> None:
    assert client.get(f"{URL}/1", headers=warehouse).status_code == 403
    assert client.get(f"/api/v1/failures/{new_id()}/candidates", headers=warehouse).status_code == 403


@pytest.fixture
def candidates(desk, client, admin):
    make_shop(desk)

    def get(failure_id: str) -> list[dict[str, object]]:
        answer = client.get(f"/api/v1/failures/{failure_id}/candidates", headers=admin)
        assert answer.status_code == 200
        return list(answer.json["items"])

    return get


def test_a_lost_order_finds_its_near_miss_first(desk, candidates) -> None:
    make_order(desk, "536365", "17850", items='[{"productId": "P1"}]', amount=139.5)
    make_order(desk, "536999", "17850")
    make_order(desk, "100000", "1")
    lost = make_failure(desk, order_id="536356", raw=json.dumps(
        {"payload": {"amount": "139.50", "items": [{"productId": "P1"}]}}).encode())
    first, second = candidates(lost)
    assert (first["orderId"], second["orderId"]) == ("536365", "536999")
    assert 0 < second["score"] < first["score"] <= 1
    assert first["why"] == [
        "two neighbouring characters of the order id are swapped", "the same client", "the same amount",
        "the same products", "created within the hour",
    ]
    assert first["order"].items() >= {"orderId": "536365", "clientId": "17850", "status": "reserved"}.items()


def test_the_amount_finds_what_neither_id_nor_client_does(desk, candidates) -> None:
    make_order(desk, "9", "other", amount=139.5)
    lost = make_failure(desk, client_id=None, raw=b'{"payload": {"amount": 139.5}}')
    assert [row["orderId"] for row in candidates(lost)] == ["9"]


def test_a_failure_without_any_hint_has_no_candidates(desk, candidates) -> None:
    make_order(desk, "536365")
    assert candidates(make_failure(desk, order_id=None, client_id=None)) == []


def test_candidates_of_an_unknown_failure_are_404(candidates, client, admin) -> None:
    assert client.get(f"/api/v1/failures/{new_id()}/candidates", headers=admin).status_code == 404


def test_candidates_are_503_while_the_orders_database_is_away(desk, client, admin) -> None:
    answer = client.get(f"/api/v1/failures/{make_failure(desk)}/candidates", headers=admin)
    assert answer.status_code == 503
    assert "Orders" in answer.json["detail"]
