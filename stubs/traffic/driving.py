"""One order after another: placed, added to, paid for, and now and then with a fault on its way."""

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any
from uuid import uuid4

from stubs.common.wire import in_path
from stubs.traffic.orders import Line, Order
from stubs.traffic.shop import Shop
from stubs.traffic.tally import Expected, Tally

LONGEST_WAIT = 10.0  # seconds
CHECKED_AT_ONCE = 5  # unpaid orders looked at between two orders


@dataclass
class Unpaid:
    """An order that is paid for once it is reserved; `until` on the monotonic clock."""

    order: Order
    scenario: str | None
    until: float


class Drive:
    """What scenarios are made of; `stop` ends every wait."""

    def __init__(self, shop: Shop, tally: Tally, draw: random.Random, stop: Event) -> None:
        self.shop, self.tally, self.draw, self.stop = shop, tally, draw, stop
        self.unpaid: deque[Unpaid] = deque()

    @property
    def scale(self) -> float:
        return self.shop.scale

    def place(self, order: Order, **changes: Any) -> bool:
        """Place an order; False when it was refused, or is known from an earlier run."""
        body = {
            "orderId": order.order_id, "clientId": order.client_id, "shippingAddress": order.address,
            "items": [items(line) for line in order.lines], **changes,
        }
        status = self.shop.call("POST", "orders", "/v1/orders", body).status
        outcome = {201: "placed", 200: "known from an earlier run"}.get(status, f"not taken ({status})")
        self.tally.orders[outcome] += 1
        return status == 201

    def add(self, order: Order, product_id: str | None = None) -> int:
        """Add a product to an order (flow A); return the answer's status."""
        body = {
            "clientId": order.client_id, "productId": product_id or order.lines[0].product_id, "quantity": 1,
            "orderDate": order.date, "status": "placed", "operationId": f"add-product-{uuid4()}",
        }
        path = f"/v1/orders/{in_path(order.order_id)}/products"
        status = self.shop.call("POST", "orders", path, body).status
        self.tally.additions[str(status)] += 1
        return status

    def pay(self, order: Order, order_id: str | None = None) -> bool:
        """Pay for an order, or for another in its place; False when no payment was made."""
        body = {"orderId": order_id or order.order_id, "clientId": order.client_id, "amount": order.amount}
        is_paid = self.shop.call("POST", "payments", "/v1/payments", body).status == 202
        self.tally.payments += is_paid
        return is_paid

    def expect(self, scenario: str, order_id: str, operation: str, is_dead_letter: bool = False) -> None:
        """Note a failure that must be kept."""
        self.tally.expected.append(Expected(scenario, order_id, operation, is_dead_letter))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds, for a while."""
        end = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < end and not condition() and not self.stop.is_set():
            self.stop.wait(0.05)

    def pay_later(self, order: Order, scenario: str | None) -> None:
        """Note an order to be paid for as soon as it is reserved."""
        self.unpaid.append(Unpaid(order, scenario, time.monotonic() + max(20.0, 60.0 * self.scale)))

    def next_reserved(self) -> Unpaid | None:
        """Return an unpaid order that is reserved by now; one that never is, is given up."""
        for _ in range(min(CHECKED_AT_ONCE, len(self.unpaid))):
            unpaid = self.unpaid.popleft()
            if self.shop.order_status(unpaid.order.order_id) == "reserved":
                return unpaid
            if time.monotonic() < unpaid.until:
                self.unpaid.append(unpaid)
            else:
                self.tally.unpaid += 1
        return None


def items(line: Line) -> dict[str, Any]:
    """Write a line as an order's item."""
    return {"productId": line.product_id, "quantity": line.quantity, "price": line.price}
