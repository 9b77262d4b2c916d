"""What the benchmarks report: stock decrements that a warehouse could not write, each about 750 bytes."""

import json
from typing import Any

SOURCE = "warehouse"
_TRACE = "".join(
    f'  File "/srv/warehouse/{name}.py", line {line}, in {name}\n'
    for line, name in enumerate(("route", "stock", "store"), start=17)
)


def report(number: int) -> dict[str, Any]:
    """Return the report of one number; no two are alike."""
    order, operation = str(500_000 + number), f"stock-{number}"
    return {
        "source": SOURCE, "operation": "stock.decrement", "kind": "db_write",
        "error": {"type": "OperationalError", "message": "database is locked", "status": None, "detail": _TRACE},
        "orderId": order, "clientId": str(10_000 + number % 997), "occurredAt": "2026-11-22T01:02:03Z",
        "payload": {"orderId": order, "productId": "kitchen-12", "quantity": 1},
        "remedy": {
            "type": "stock_decrement", "operationId": operation, "orderId": order,
            "components": [{"componentId": f"component-{part}", "quantity": 2} for part in range(3)],
        },
    }


def single(number: int) -> bytes:
    """Return one report as a request's body."""
    return json.dumps(report(number)).encode()


def batch(first: int, size: int) -> bytes:
    """Return a batch of reports as a request's body."""
    failures = [report(number) | {"idempotencyKey": f"key-{number}"} for number in range(first, first + size)]
    return json.dumps({"failures": failures}).encode()
