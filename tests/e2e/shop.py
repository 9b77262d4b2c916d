"""The shop as its customers and its ill fortune see it: the stubs' APIs, and their fault switches."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from messaging import Broker, Message, open_broker, shop_topology
from stubs.common.calls import Answer, call
from tests.e2e.system import SCALE, System
from tests.e2e.waiting import eventually

ADDRESS = "Тверская улица, 7, Москва"
PLENTY = 1000


def new_id(prefix: str) -> str:
    """Make an id that no other test uses."""
    return f"{prefix}-{uuid4().hex[:12]}"


class Shop:
    """The stubs of a system."""

    def __init__(self, system: System) -> None:
        self.system = system

    def call(self, method: str, stub: str, path: str, body: Any = None) -> Answer:
        """Call a stub."""
        return call(method, self.system.stub_url(stub) + path, body, timeout=30)

    def put(self, stub: str, path: str, **body: Any) -> None:
        """Set something in a stub."""
        answer = self.call("PUT", stub, path, body)
        assert answer.status == 200, answer

    @contextmanager
    def fault(self, stub: str, mode: str, rate: float = 1.0) -> Iterator[None]:
        """Let a fault strike until the end of the block."""
        self.put(stub, "/_faults", mode=mode, rate=rate)
        try:
            yield
        finally:
            self.call("DELETE", stub, "/_faults")

    def hits(self, stub: str) -> int:
        """Return how many calls and messages have met the newest fault."""
        return self.call("GET", stub, "/_faults").body["hits"]

    def product(self, available: int = PLENTY, **needs: int) -> tuple[str, dict[str, str]]:
        """Register a product, its components each `available` in stock; return its id and those of its components."""
        product, components = new_id("kitchen"), {name: new_id(name) for name in needs}
        for component in components.values():
            self.put("warehouse-1", f"/warehouse/v1/stock/{component}", available=available)
        needed = [{"componentId": components[name], "quantity": quantity} for name, quantity in needs.items()]
        self.put("products", f"/products/v1/products/{product}/components", components=needed)
        return product, components

    def add_product(self, order_id: str, product_id: str, **changes: Any) -> Answer:
        """Add a product to an order, as a customer does."""
        body = {"clientId": "17850", "productId": product_id, "orderDate": "2026-11-22", "status": "placed"}
        return self.call("POST", "orders", f"/v1/orders/{order_id}/products", body | changes)

    def goods(self, available: int = PLENTY) -> str:
        """Put a product into Inventory's stock; return its id."""
        product = new_id("chair")
        self.put("inventory", f"/v1/stock/{product}", available=available)
        return product

    def order(self, product_id: str, quantity: int = 1, address: str = ADDRESS, **more: Any) -> str:
        """Order a product; return the order's id."""
        body = {"orderId": new_id("order"), "clientId": "17850", "shippingAddress": address,
                "items": [{"productId": product_id, "quantity": quantity}], **more}
        answer = self.call("POST", "orders", "/v1/orders", body)
        assert answer.status == 201, answer
        return body["orderId"]

    def reserved_order(self, **more: Any) -> str:
        """Order something, and wait until it is reserved."""
        order = self.order(self.goods(), **more)
        self.reaches(order, "reserved")
        return order

    def pay(self, order_id: str, amount: float = 100.0, **more: Any) -> str:
        """Pay for an order; return the operation's id."""
        answer = self.call("POST", "payments", "/v1/payments", {"orderId": order_id, "amount": amount, **more})
        assert answer.status == 202, answer
        return answer.body["operationId"]

    def reaches(self, order_id: str, status: str, within: float = 30.0) -> None:
        """Wait until an order has a status in the Orders database."""
        eventually(lambda: self.status(order_id) == status, within)

    def ships(self, order_id: str, status: str = "shipping", within: float = 30.0) -> None:
        """Wait until a reservation has a status in the Inventory database."""
        eventually(lambda: self.reservation(order_id).get("status") == status, within)

    # What the final databases hold.

    def stock(self, component_id: str) -> int:
        """Return how many of a component the Warehouse database holds."""
        query = "SELECT available FROM components WHERE component_id = :id"
        return self._row("warehouse", query, component_id)["available"]

    def goods_left(self, product_id: str) -> int:
        """Return how many of a product the Inventory database holds."""
        return self._row("inventory", "SELECT available FROM stock WHERE product_id = :id", product_id)["available"]

    def status(self, order_id: str) -> str | None:
        """Return an order's status in the Orders database, None where there is no such order."""
        return self._row("orders", "SELECT status FROM orders WHERE order_id = :id", order_id).get("status")

    def reservation(self, order_id: str) -> dict[str, Any]:
        """Return an order's row in the Inventory database, empty where there is none."""
        return self._row("inventory", "SELECT * FROM reservations WHERE order_id = :id", order_id)

    def shipment(self, order_id: str) -> dict[str, Any]:
        """Return an order's row in the Shipping database, empty where there is none."""
        return self._row("shipping", "SELECT * FROM shipments WHERE order_id = :id", order_id)

    def operations(self, database: str, order_id: str) -> list[dict[str, Any]]:
        """Return the markers of what was applied to an order in a database."""
        return self.system.rows(database, "SELECT * FROM applied_operations WHERE order_id = :id", id=order_id)

    def publish(self, queue: str, body: Any, message_id: str | None = None, **headers: Any) -> None:
        """Put a message on a queue; a body that is not bytes travels as JSON."""
        message = Message(body if isinstance(body, bytes) else json.dumps(body).encode(), message_id, headers=headers)
        with self._broker() as broker:
            broker.publish(queue, message)

    def depth(self, queue: str) -> int:
        """Count the messages in a queue, those under way too."""
        with self._broker() as broker:
            return broker.depth(queue)

    @contextmanager
    def _broker(self) -> Iterator[Broker]:
        url = self.system.environment.get("DLO_BROKER_URL", "embedded")
        broker = open_broker(url, self.system.database_url("queue"), shop_topology(SCALE))
        try:
            yield broker
        finally:
            broker.close()

    def _row(self, database: str, query: str, key: str) -> dict[str, Any]:
        rows = self.system.rows(database, query, id=key)
        assert len(rows) <= 1, rows
        return rows[0] if rows else {}
