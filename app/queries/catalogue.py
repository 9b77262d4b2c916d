"""What can be chosen in a fix form, and how much of it there is: the Warehouse's components, the shop's products."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from app.desk import Desk
from app.domain.comparing import items_of
from app.domain.masking import MASK
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.domain.shortage import Stock
from app.queries import shop
from app.queries.asking import NotAnswered, ask, get_json
from app.remedies.marker import applied_operations
from app.remedies.stock_decrement import components as stocked

PRODUCTS_SERVICE, INVENTORY_SERVICE = "products", "inventory"
MOST_CHOICES = 200
MOST_ORDERS = 100  # whose products are offered: Products has no list of its own
MOST_ASKED = 20  # products whose stock is asked for one by one


@dataclass(frozen=True)
class Catalogue:
    """Ids to choose from; the stock of those that are named already; who could not be asked."""

    choices: Sequence[str] = ()
    stock: Stock = field(default_factory=dict)
    silent: tuple[str, ...] = ()


def components(desk: Desk, named: Sequence[str]) -> Catalogue:
    """Return the Warehouse's first components by name, and the stock of all that are shown."""
    if WAREHOUSE_DATABASE not in desk.targets:
        return Catalogue()
    first = select(stocked).order_by(stocked.c.component_id).limit(MOST_CHOICES)
    exact = select(stocked).where(stocked.c.component_id.in_(named))
    try:
        listed, known = (ask(desk, WAREHOUSE_DATABASE, partial(_pairs, desk, rows)) for rows in (first, exact))
    except NotAnswered:
        return Catalogue(silent=("warehouse",))
    return Catalogue(sorted({*listed, *known}), dict.fromkeys(named) | listed | known)


def products(desk: Desk, named: Sequence[str]) -> Catalogue:
    """Return products that were ordered lately, and Inventory's stock of those that are named."""
    choices, silent = _ordered(desk)
    stock, away = _stock(desk, list(named)[:MOST_ASKED])
    return Catalogue(choices, stock, (*silent, *away))


def parts_of(desk: Desk, product_id: str) -> dict[str, int] | None:
    """Return the components that a product needs; None where Products does not know it. Raises NotAnswered."""
    answer = get_json(desk, PRODUCTS_SERVICE, "/products/v1/products/{}/components", product_id)
    if not isinstance(answer, dict) or not isinstance(answer.get("components"), list):
        return None
    rows = [row for row in answer["components"] if isinstance(row, dict) and isinstance(row.get("quantity"), int)]
    return {str(row.get("componentId")): row["quantity"] for row in rows}


def lacking(desk: Desk, operation_id: object, needed: Mapping[str, int]) -> dict[str, int]:
    """Return the components of which there is less in stock than needed, with how much there is.

    Nothing where the operation has taken them already. Raises NotAnswered.
    """
    if WAREHOUSE_DATABASE not in desk.targets:
        return {}
    taken = select(applied_operations.c.operation_id).where(applied_operations.c.operation_id == str(operation_id))
    exact = select(stocked).where(stocked.c.component_id.in_(list(needed)))
    if ask(desk, WAREHOUSE_DATABASE, lambda: shop.read(desk, WAREHOUSE_DATABASE, taken)):
        return {}
    stock = ask(desk, WAREHOUSE_DATABASE, lambda: _pairs(desk, exact))
    there = {name: stock.get(name) or 0 for name in needed if MASK not in name}  # what is masked cannot be looked up
    return {name: number for name, number in there.items() if number < needed[name]}


def _ordered(desk: Desk) -> tuple[Sequence[str], tuple[str, ...]]:
    if ORDERS_DATABASE not in desk.targets:
        return (), ()
    # Along the primary key: Orders keeps no index of times.
    some = select(shop.orders.c["items"]).order_by(shop.orders.c.order_id.desc()).limit(MOST_ORDERS)
    try:
        rows = ask(desk, ORDERS_DATABASE, lambda: shop.read(desk, ORDERS_DATABASE, some))
    except NotAnswered:
        return (), ("orders",)
    return sorted({product for row in rows for product in items_of(row[0])})[:MOST_CHOICES], ()


def _stock(desk: Desk, named: Sequence[str]) -> tuple[dict[str, int | None], tuple[str, ...]]:
    if INVENTORY_SERVICE not in desk.targets or not named:
        return {}, ()
    try:
        with ThreadPoolExecutor(len(named), thread_name_prefix="stock") as pool:
            return dict(zip(named, pool.map(partial(_available, desk), named), strict=True)), ()
    except NotAnswered:
        return {}, ("inventory",)


def _available(desk: Desk, product_id: str) -> int | None:
    answer = get_json(desk, INVENTORY_SERVICE, "/v1/stock/{}", product_id)
    available = answer.get("available") if isinstance(answer, dict) else None
    return available if isinstance(available, int) else None


def _pairs(desk: Desk, rows: Select[Any]) -> dict[str, int | None]:
    return {row.component_id: row.available for row in shop.read(desk, WAREHOUSE_DATABASE, rows)}
