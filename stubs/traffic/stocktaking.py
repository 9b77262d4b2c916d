"""Register the goods before, and take stock before and after: initial − applied must be what is there."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stubs.common.wire import in_path
from stubs.traffic.orders import Goods, Product
from stubs.traffic.scenarios import LAST_NEEDED, LAST_PART, LAST_PRODUCT, SOLD_OUT
from stubs.traffic.shop import Shop

PLENTY = 1_000_000
ENOUGH = 100_000
CALLERS = 4
SNAPSHOTS = 20  # tries to see stock and markers at one moment


class NotRegistered(Exception):
    """The stubs did not take the goods."""


class Stock:
    """What is there, and what was taken from it, per component."""

    def __init__(self, available: dict[str, int], applied: Counter[str]) -> None:
        self.available, self.applied = available, applied


def register(shop: Shop, goods: Goods, told: Callable[[str], None]) -> None:
    """Make products, their stock and the stock of their components known.

    Raises:
        NotRegistered: a stub refused.
    """
    told(f"registering {len(goods.products)} products")
    products = [*goods.products.values(), Product(LAST_PRODUCT, LAST_PRODUCT, {LAST_PART: LAST_NEEDED})]
    with ThreadPoolExecutor(CALLERS) as pool:
        for answer in pool.map(lambda product: _register(shop, product), products):
            if answer != 200:
                raise NotRegistered(f"a product could not be registered (status {answer})")
    shop.call("PUT", "inventory", f"/v1/stock/{SOLD_OUT}", {"available": 0})
    for component in components_of(goods):
        path = f"/warehouse/v1/stock/{in_path(component)}"
        known = shop.call("GET", "warehouse-1", path)
        if known.status != 200 or known.body["available"] < ENOUGH:
            shop.call("PUT", "warehouse-1", path, {"available": PLENTY})


def components_of(goods: Goods) -> list[str]:
    """List every component that the goods need."""
    return sorted({component for product in goods.products.values() for component in product.components})


def take_stock(shop: Shop, components: list[str]) -> Stock | None:
    """Read stock and markers as they stand at one moment; None where that cannot be had."""
    before = _applied(shop)
    for _ in range(SNAPSHOTS):
        available = {}
        for component in components:
            answer = shop.call("GET", "warehouse-1", f"/warehouse/v1/stock/{in_path(component)}")
            if answer.status != 200:
                return None
            available[component] = int(answer.body["available"])
        after = _applied(shop)
        if before is None or after is None:
            return None
        if before == after:  # nothing was taken while we looked
            return Stock(available, after)
        before = after
    return None


def differences(before: Stock, after: Stock) -> dict[str, tuple[int, int]]:
    """Return, for each component that does not add up, what should be there and what is."""
    odd = {}
    for component, initial in before.available.items():
        due = initial - (after.applied[component] - before.applied[component])
        if after.available[component] != due:
            odd[component] = (due, after.available[component])
    return odd


def _register(shop: Shop, product: Product) -> int:
    path = in_path(product.product_id)
    components = [{"componentId": name, "quantity": number} for name, number in product.components.items()]
    body = {"name": product.name, "components": components}
    status = shop.call("PUT", "products", f"/products/v1/products/{path}/components", body).status
    if status != 200:
        return status
    return shop.call("PUT", "inventory", f"/v1/stock/{path}", {"available": PLENTY}).status


def _applied(shop: Shop) -> Counter[str] | None:
    answer = shop.call("GET", "warehouse-1", "/_applied")
    if answer.status != 200:
        return None
    taken: Counter[str] = Counter()
    effects: list[dict[str, Any]] = [row["effect"] for row in answer.body["items"] if row["kind"] == "stock_decrement"]
    for effect in effects:
        for component in effect["components"]:
            taken[component["componentId"]] += component["quantity"]
    return taken
