"""The orders' database that retries write into, as the Orders service keeps it, and the reports that ask for it."""

import json
from typing import Any

from sqlalchemy import insert

from app.remedies.marker import applied_operations
from app.remedies.order_status import orders
from storage import Store, open_store

SOURCE = "orders"


def open_orders(url: str) -> Store:
    """Make an empty orders' database."""
    store = open_store(url)
    with store.connect() as connection:
        orders.metadata.create_all(connection)
        applied_operations.metadata.create_all(connection)
    return store


def reserve(store: Store, names: list[str]) -> None:
    """Add reserved orders, which wait to be paid."""
    with store.connect() as connection:
        connection.execute(insert(orders), [{"order_id": name, "status": "reserved"} for name in names])


def unpaid(names: list[str]) -> bytes:
    """Return the batch of reports that these orders' payments could not be written."""
    return json.dumps({"failures": [_unpaid(name) for name in names]}).encode()


def _unpaid(name: str) -> dict[str, Any]:
    return {
        "idempotencyKey": f"paid-{name}", "source": SOURCE, "operation": "orders.status", "kind": "db_write",
        "error": {"type": "OperationalError", "message": "database is locked"}, "orderId": name,
        "remedy": {
            "type": "order_status", "operationId": f"paid-{name}", "orderId": name, "from": "reserved", "to": "paid",
        },
    }
