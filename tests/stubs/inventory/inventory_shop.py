"""The inventory among the other stubs, and what its tests ask of it."""

import json

from messaging import ORDER_CREATED, Message

ADDRESS = "Москва, Тверская 1"


def event(order="536365", quantity=2, address=ADDRESS, **changes):
    return {
        "eventId": f"event-{order}", "orderId": order, "clientId": "17850", "shippingAddress": address,
        "items": [{"productId": "kitchen", "quantity": quantity}], **changes,
    }


def publish(shop, body, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    options.setdefault("message_id", "event")
    shop.broker().publish(ORDER_CREATED, Message(raw, **options))


def put_stock(shop, number=100):
    shop.client("inventory").put("/v1/stock/kitchen", json={"available": number})


def stock(shop):
    return shop.client("inventory").get("/v1/stock/kitchen").get_json()["available"]


def status(shop, order="536365"):
    return shop.client("inventory").get(f"/v1/reservations/{order}").get_json().get("status")


def reports(shop):
    return [json.loads(row["body"]) for row in shop.reports("inventory") if row["path"] == "/api/v1/failures"]


def confirmations(shop):
    return [row for row in shop.reports("inventory") if row["path"].endswith("/confirm")]


def fault(shop, mode, **more):
    shop.client("shipping").put("/_faults", json={"mode": mode, **more})


def hits(shop):
    return shop.client("shipping").get("/_faults").get_json()["hits"]


def breaker(shop):
    return shop.client("inventory").get("/_breaker").get_json()
