"""Orders that a lost one may be."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.exc import SQLAlchemyError

from app.desk import Desk
from app.domain.matching import WORTH_SHOWING, Order, likeness, near_misses
from app.domain.remedy import ORDERS_DATABASE
from app.errors import Unavailable
from app.queries import shop
from app.queries.failure_detail import FailureDetail
from app.queries.shop import orders

MOST_READ = 200  # orders compared for each kind of likeness: the newest
MOST_SHOWN = 10
ENOUGH = 3  # candidates by id or client, with which the search by amount (no index: it scans) is spared


@dataclass(frozen=True)
class Candidate:
    """An order that the lost one may be, how surely, and why; `why` are phrases for a translator's table."""

    order_id: str
    score: float
    why: tuple[str, ...]
    order: dict[str, Any]


def candidates(desk: Desk, failure: FailureDetail) -> list[Candidate]:
    """Find the orders that a failure's order may be, the likeliest first.

    Raises:
        Unavailable: the Orders' database cannot be read.
    """
    if ORDERS_DATABASE not in desk.targets:
        return []
    lost = lost_order(failure)
    try:
        found = _found(desk, lost)
    except SQLAlchemyError as error:
        raise Unavailable("The Orders' database cannot be reached.") from error
    compared = [(row, likeness(lost, _order(row))) for row in found]
    likely = sorted(
        (item for item in compared if item[1].score >= WORTH_SHOWING), key=lambda item: item[1].score, reverse=True
    )
    return [Candidate(row.order_id, like.score, like.why, shop.shown(row)) for row, like in likely[:MOST_SHOWN]]


def lost_order(failure: FailureDetail) -> Order:
    """Gather what a failure tells of its order."""
    sent = failure.sent.fields
    remedy_body = (failure.remedy or {}).get("body")
    places = [place for place in (sent, sent.get("payload"), remedy_body) if isinstance(place, dict)]
    return Order(
        failure.row.order_id,
        failure.row.client_id,
        next((amount for place in places if (amount := _amount(place.get("amount"))) is not None), None),
        frozenset().union(*map(_products, places)),
        failure.row.occurred_at or failure.row.created_at,
    )


def _found(desk: Desk, lost: Order) -> Iterable[Row[Any]]:
    rows: dict[str, Row[Any]] = {}
    if lost.order_id:
        rows |= _rows(desk, orders.c.order_id.in_(near_misses(lost.order_id)))
    if lost.client_id:
        rows |= _rows(desk, orders.c.client_id == lost.client_id)
    if lost.amount is not None and len(rows) < ENOUGH:
        rows |= _rows(desk, orders.c.amount == lost.amount)
    return rows.values()


def _rows(desk: Desk, condition: ColumnElement[bool]) -> dict[str, Row[Any]]:
    statement = select(orders).where(condition).order_by(orders.c.created_at.desc()).limit(MOST_READ)
    found: Sequence[Row[Any]] = shop.read(desk, ORDERS_DATABASE, statement)
    return {row.order_id: row for row in found}


def _order(row: Row[Any]) -> Order:
    return Order(row.order_id, row.client_id, _amount(row.amount), _products({"items": row.items}), row.created_at)


def _amount(value: Any) -> float | None:
    try:
        amount = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return amount if math.isfinite(amount) else None


def _products(place: dict[str, Any]) -> frozenset[str]:
    items = place.get("items")
    listed = items if isinstance(items, list) else []
    named = [item.get("productId") for item in (place, *listed) if isinstance(item, dict)]
    return frozenset(product for product in named if isinstance(product, str))
