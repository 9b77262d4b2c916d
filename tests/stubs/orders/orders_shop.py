"""The orders among the other stubs, and what their tests ask of them."""

import json
from contextlib import contextmanager

from sqlalchemy import text

from messaging import FAILURE_ATTEMPT, FAILURE_ID, STATUS, Message

ORDER = {
    "orderId": "536365", "clientId": "17850", "shippingAddress": "Москва, Тверская 1",
    "items": [{"productId": "kitchen", "quantity": 1, "price": 999.5}],
}
PRODUCT = {"clientId": "17850", "productId": "kitchen", "orderDate": "2026-11-22T10:00:00Z", "status": "approved"}


def change(before="placed", after="reserved", operation="reserve-536365", order="536365", **more):
    return {"operationId": operation, "orderId": order, "from": before, "to": after, **more}


def publish(shop, body, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    shop.broker().publish(STATUS, Message(raw, **options))


def status(shop, order="536365"):
    return shop.client("orders").get(f"/v1/orders/{order}").get_json()["status"]


def place(shop, **changes):
    return shop.client("orders").post("/v1/orders", json={**ORDER, **changes})


def reports(shop):
    return [json.loads(row["body"]) for row in shop.reports("orders") if row["path"] == "/api/v1/failures"]


@contextmanager
def writes_failing(shop):
    shop.client("orders").put("/_faults", json={"mode": "db_write_fails"})
    yield
    shop.client("orders").delete("/_faults")


def doors(shop):
    with shop.store("warehouse-1").read() as session:
        return session.execute(text("SELECT available FROM components")).scalar_one()


def add(shop, **changes):
    return shop.client("orders").post("/v1/orders/A-1/products", json={**PRODUCT, **changes})


def status_of_row(shop):
    with shop.store("orders").read() as session:
        return session.execute(text("SELECT status FROM orders")).scalar_one()


def replay_headers(attempt=1):
    return {FAILURE_ID: "0198c0de-0000-7000-8000-000000000000", FAILURE_ATTEMPT: attempt}


def confirmations(shop):
    return [json.loads(row["body"])["attempt"] for row in shop.reports("orders") if row["path"].endswith("/confirm")]
