"""A remedy that the desk itself can propose where the report brought none, from what the report tells."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.domain.http_rules import path_fault

ADDITION = "product.lookup"
ORDERS_SERVICE = "orders"
ADDED = 200  # Orders answers 202 where there is not enough in stock, and then nothing was added
_TAKEN_OVER = ("productId", "quantity", "clientId", "orderDate", "status", "operationId")


def proposed(operation: str, payload: object) -> dict[str, Any] | None:
    """Propose to add the product once more, under the same operation, when its number was unknown to Products.

    Orders asks the Warehouse again: goods and order are changed by their owners, once.
    """
    if operation != ADDITION or not isinstance(payload, Mapping):
        return None
    order_id, body = payload.get("orderId"), {name: payload[name] for name in _TAKEN_OVER if name in payload}
    if not isinstance(order_id, str) or "productId" not in body or "operationId" not in body:
        return None
    path = f"/v1/orders/{quote(order_id, safe='')}/products"
    if path_fault(path):
        return None
    return {"type": "http_request", "target": ORDERS_SERVICE, "method": "POST", "path": path,
            "headers": {"Content-Type": "application/json"}, "body": body, "doneWith": [ADDED]}
