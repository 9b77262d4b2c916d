"""Find an order by what a person types: its number, the beginning of it, or the customer's."""

from typing import Any

from sqlalchemy import ColumnElement, select

from app.desk import Desk
from app.domain.matching import near_misses
from app.domain.remedy import ORDERS_DATABASE
from app.queries import shop
from app.queries.asking import ask
from app.queries.shop import orders

MOST_SHOWN = 10
LONGEST = 100  # characters; no order number is longer
_LAST = "\U0010ffff"


def matching(desk: Desk, text: str) -> list[dict[str, Any]]:
    """Return orders as they may be shown: the exact number first, then its beginning, the customer's, a slip.

    Raises:
        NotAnswered: the Orders' database cannot be read.
    """
    wanted = text.strip()[:LONGEST]
    if not wanted or ORDERS_DATABASE not in desk.targets:
        return []
    found: dict[str, dict[str, Any]] = {}
    for condition in _conditions(wanted):
        if len(found) < MOST_SHOWN:
            found |= {key: row for key, row in _read(desk, condition).items() if key not in found}
    return list(found.values())[:MOST_SHOWN]


def _conditions(wanted: str) -> tuple[ColumnElement[bool], ...]:
    # An index is read by equality or range; LIKE alone could not use one where the collation is not "C".
    begins = orders.c.order_id.between(wanted, wanted + _LAST) & orders.c.order_id.startswith(wanted, autoescape=True)
    return (orders.c.order_id == wanted, begins, orders.c.client_id == wanted,
            orders.c.order_id.in_(near_misses(wanted)))


def _read(desk: Desk, condition: ColumnElement[bool]) -> dict[str, dict[str, Any]]:
    statement = select(orders).where(condition).order_by(orders.c.order_id).limit(MOST_SHOWN)
    rows = ask(desk, ORDERS_DATABASE, lambda: shop.read(desk, ORDERS_DATABASE, statement))
    return {row.order_id: shop.shown(row) for row in rows}
