"""What five services complain of in a day: eight kinds of failure, each about 25 pieces of furniture."""

from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from app.clock import rfc3339

FIRST_ORDER = 500_000
MINUTES = (30, 2880)  # between a report and the time to ship by
FURNITURE = (
    "armchair", "bed", "bench", "bookcase", "bunk", "buffet", "cabinet", "chair", "chest", "cot", "couch", "cupboard",
    "desk", "divan", "dresser", "hammock", "lamp", "locker", "mirror", "ottoman", "pouffe", "rack", "shelf", "sofa",
    "stool",
)
SHARES = [1 / place for place in range(1, len(FURNITURE) + 1)]  # a few causes make most failures


class Complaint(NamedTuple):
    """What one service reports again and again; `remedy` is the type of what it asks for."""

    source: str
    operation: str
    kind: str
    error: str
    message: str
    remedy: str | None


COMPLAINTS = (
    Complaint("warehouse", "stock.decrement", "db_write", "OperationalError", "the {} is locked", "stock_decrement"),
    Complaint("warehouse", "product.lookup", "http", "NotFound", "Products does not know the {}", None),
    Complaint("orders", "order.status", "db_write", "OrderNotFound", "no order of a {} to be paid", "order_status"),
    Complaint("orders", "orders.status", "message", "expired", "nobody took the message of a {}", "publish_message"),
    Complaint("inventory", "shipping.prepare", "http", "BadRequest", "no address for the {}", "http_request"),
    Complaint("inventory", "reserve", "message", "NotEnough", "there is not enough of the {}", None),
    Complaint("payments", "payment.capture", "http", "Timeout", "the bank is silent about a {}", None),
    Complaint("shipping", "label.print", "http", "ServiceUnavailable", "no label for the {}", None),
)


def report(number: int, at: datetime, chance: Random) -> dict[str, Any]:
    """Return one item of a batch of reports."""
    told, (what,) = chance.choice(COMPLAINTS), chance.choices(FURNITURE, SHARES)
    order = str(FIRST_ORDER + number)
    item = {
        "idempotencyKey": f"key-{number}", "source": told.source, "operation": told.operation, "kind": told.kind,
        "error": {"type": told.error, "message": told.message.format(what), "status": None, "detail": told.message * 9},
        "orderId": order, "clientId": str(12_000 + number % 997), "occurredAt": rfc3339(at),
        "payload": {"orderId": order, "productId": f"{what}-{number % 40}", "quantity": 1 + number % 6},
    }
    if chance.random() < 0.6:
        item["shipBy"] = rfc3339(at + timedelta(minutes=chance.randint(*MINUTES)))
    return item | ({"remedy": _remedy(told, order, what)} if told.remedy else {})


def _remedy(told: Complaint, order: str, what: str) -> dict[str, Any]:
    operation = {"operationId": f"{told.operation}-{order}", "orderId": order}
    fields: dict[str, dict[str, Any]] = {
        "stock_decrement": operation | {"components": [{"componentId": f"{what}-{part}", "quantity": 2}
                                                       for part in range(3)]},
        "order_status": operation | {"from": "reserved", "to": "paid"},
        "publish_message": {"queue": "orders.status", "messageId": f"message-{order}", "body": {"orderId": order}},
        "http_request": {"target": "inventory", "path": f"/v1/reservations/{order}/ship",
                         "body": {"shippingAddress": "Hall 3"}},
    }
    return {"type": told.remedy} | fields[told.remedy or ""]
