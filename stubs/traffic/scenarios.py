"""The faults that traffic causes, one function for each row of the flows, in its own window that heals by itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from messaging import ORDER_CREATED, STATUS
from stubs.traffic.driving import Drive, items
from stubs.traffic.orders import Order

SOLD_OUT = "sold-out"  # a product that Inventory never has
LAST_PRODUCT, LAST_PART = "drawers-brass", "handle-brass"  # a product that needs three of the last four parts
LAST_ONES, LAST_NEEDED = 4, 3
NO_ADDRESS = "???"
WINDOW = 30.0  # seconds: should traffic die, every fault ends

Run = Callable[[Drive, Order], object]


@dataclass(frozen=True)
class Scenario:
    """A fault: at which step of an order, and what it is; `weight` is how often it is drawn, beside the others.

    One that weighs nothing is not drawn: it is there to be asked for.
    """

    step: str
    what: str
    run: Run
    is_paid: bool = True
    weight: float = 1.0


def warehouse_1_away(drive: Drive, order: Order) -> None:
    with drive.shop.fault("warehouse-1", "unavailable", 0.8 * drive.scale):
        drive.add(order)


def both_warehouses_away(drive: Drive, order: Order) -> None:
    with drive.shop.fault("warehouse-1", "unavailable", WINDOW), drive.shop.fault("warehouse-2", "unavailable", WINDOW):
        drive.add(order)


def unknown_product(drive: Drive, order: Order) -> None:
    if drive.add(order, f"discontinued-{order.lines[0].product_id}"[:255]) == 404:
        drive.expect("A5", order.order_id, "product.lookup")


def stock_not_written(drive: Drive, order: Order) -> None:
    with drive.shop.fault("warehouse-1", "db_write_fails", WINDOW):
        drive.add(order)
        if drive.shop.hits("warehouse-1"):
            drive.expect("A7", order.order_id, "stock.decrement")


def last_ones_taken(drive: Drive, order: Order) -> None:
    drive.shop.call("PUT", "warehouse-1", f"/warehouse/v1/stock/{LAST_PART}", {"available": LAST_ONES})
    with drive.shop.fault("warehouse-1", "db_write_fails", WINDOW):
        drive.add(order, LAST_PRODUCT)
        if drive.shop.hits("warehouse-1"):
            drive.expect("A7b", order.order_id, "stock.decrement")
    # At once, and by another order: one that has them already cannot be short of them.
    other = replace(order, order_id=f"{order.order_id}-2")
    if drive.place(other):
        drive.add(other, LAST_PRODUCT)


def orders_away(drive: Drive, order: Order) -> None:
    lifetime = drive.shop.topology[STATUS].time_to_live or 0.0
    with drive.shop.fault("orders", "unavailable", lifetime * 1.3 + 5.0):
        if not drive.pay(order):
            return
        drive.stop.wait(lifetime * 1.1 + 2.0)
    drive.expect("B2", order.order_id, STATUS, is_dead_letter=True)


def status_not_written(drive: Drive, order: Order) -> None:
    seen = drive.shop.last_report("orders")
    with drive.shop.fault("orders", "db_write_fails", WINDOW):
        if not drive.pay(order):
            return
        # The statuses of other orders meet the fault too: it is this one's report, or its status, that tells.
        drive.wait_until(lambda: drive.shop.has_reported("orders", seen, order.order_id)
                         or drive.shop.order_status(order.order_id) == "paid")
    if drive.shop.has_reported("orders", seen, order.order_id) or drive.shop.order_status(order.order_id) != "paid":
        drive.expect("B4", order.order_id, "order.status")


def lost_order(drive: Drive, order: Order) -> None:
    """Pay under a number that nobody knows, in place of the order's own: there is an order to be found."""
    lost = f"LOST-{uuid4().hex[:12]}"
    if drive.pay(order, lost):
        drive.expect("B5", lost, "order.status")


def mistyped_order(drive: Drive, order: Order) -> None:
    wrong = mistyped(order.order_id)
    if drive.pay(order, wrong):
        drive.expect("B5b", wrong, "order.status")


def mistyped(order_id: str) -> str:
    """Return an order's number as a tired customer writes it: its last two neighbours that differ are swapped."""
    for place in range(len(order_id) - 1, 0, -1):
        if order_id[place] != order_id[place - 1]:
            return order_id[: place - 1] + order_id[place] + order_id[place - 1] + order_id[place + 1:]
    return f"{order_id}0"


def shipping_away(drive: Drive, order: Order) -> bool:
    drive.shop.call("PUT", "shipping", "/_faults", {"mode": "unavailable", "forSeconds": max(0.2, 1.5 * drive.scale)})
    return drive.place(order)


def bad_address(drive: Drive, order: Order) -> bool:
    placed = drive.place(order, shippingAddress=NO_ADDRESS)
    if placed:
        drive.expect("C3", order.order_id, "shipping.prepare")
    return placed


def malformed_event(drive: Drive, order: Order) -> bool:
    odd = f"ODD-{uuid4().hex[:12]}"
    broken = {"eventId": odd, "orderId": odd, "clientId": order.client_id, "items": "two chairs, please"}
    if drive.shop.publish(ORDER_CREATED, broken, odd):
        drive.expect("D3", odd, ORDER_CREATED, is_dead_letter=True)
    return drive.place(order)


def too_few(drive: Drive, order: Order) -> bool:
    placed = drive.place(order, items=[{"productId": SOLD_OUT, "quantity": 1, "price": 1.0}])
    if placed:
        drive.expect("D4", order.order_id, "inventory.reserve")
    return placed


def inventory_not_written(drive: Drive, order: Order) -> bool:
    drive.shop.call("PUT", "inventory", "/_faults", {"mode": "db_write_fails", "forSeconds": 3.0 * drive.scale})
    return drive.place(order)


def event_twice(drive: Drive, order: Order) -> bool:
    placed = drive.place(order)
    event_id = str(uuid4())
    event = {
        "eventId": event_id, "orderId": order.order_id, "clientId": order.client_id,
        "shippingAddress": order.address, "items": [items(line) for line in order.lines],
    }
    for _ in range(2 if placed else 0):
        drive.shop.publish(ORDER_CREATED, event, event_id)
    return placed


SCENARIOS = {
    "A2": Scenario("add", "warehouse 1 away for a moment", warehouse_1_away),
    "A4": Scenario("add", "both warehouses away", both_warehouses_away),
    "A5": Scenario("add", "product unknown", unknown_product),
    "A7": Scenario("add", "stock cannot be written", stock_not_written),
    "A7b": Scenario("add", "stock cannot be written, then is gone", last_ones_taken, weight=0.0),
    # Orders stands still for as long as a message lives: rarer, or nothing else would move.
    "B2": Scenario("pay", "orders away until the message expires", orders_away, weight=0.3),
    "B4": Scenario("pay", "status cannot be written", status_not_written),
    "B5": Scenario("pay", "payment for a lost order", lost_order),
    "B5b": Scenario("pay", "payment with a mistyped number", mistyped_order, weight=0.0),
    "C2": Scenario("place", "shipping away for a moment", shipping_away),
    "C3": Scenario("place", "invalid address", bad_address),
    "D3": Scenario("place", "malformed OrderCreated", malformed_event),
    "D4": Scenario("place", "not enough in stock", too_few, is_paid=False),
    "D5": Scenario("place", "reservation cannot be written for a moment", inventory_not_written),
    "D6": Scenario("place", "OrderCreated three times", event_twice),
}


PLAIN = Scenario("place", "no fault", lambda drive, order: drive.place(order))


def draw_scenario(drive: Drive, probability: float) -> str | None:
    """Draw whether an order meets a fault, and which."""
    if drive.draw.random() >= probability:
        return None
    weights = [scenario.weight for scenario in SCENARIOS.values()]
    return drive.draw.choices(list(SCENARIOS), weights)[0]


def serve(drive: Drive, order: Order, name: str | None) -> None:
    """Take an order through its first steps; its payment follows when it is reserved."""
    scenario = SCENARIOS[name] if name else PLAIN
    if not (scenario.run(drive, order) if scenario.step == "place" else drive.place(order)):
        return
    if name:
        drive.tally.scenarios[name] += 1
    if scenario.step == "add":
        scenario.run(drive, order)
    else:
        drive.add(order)
    if scenario.is_paid:
        drive.pay_later(order, name if scenario.step == "pay" else None)


def pay_next(drive: Drive) -> bool:
    """Pay for an order that is reserved by now; tells whether there was one."""
    unpaid = drive.next_reserved()
    if unpaid is None:
        return False
    if unpaid.scenario:
        SCENARIOS[unpaid.scenario].run(drive, unpaid.order)
    else:
        drive.pay(unpaid.order)
    return True
