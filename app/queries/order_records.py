"""Ask each service what it knows of an order: at once, briefly, and each failing softly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.queries import shop
from app.queries.asking import NotAnswered, ask, get_json


class Found(StrEnum):
    """What came of asking."""

    FOUND = "found"
    NOTHING = "not found"
    NOT_REACHABLE = "not reachable"


@dataclass(frozen=True)
class Record:
    """What one service knows of the order."""

    source: str
    what: str
    found: Found
    record: Any = None


Ask = Callable[[Desk, str], Any]


def records(desk: Desk, order_id: str) -> list[Record]:
    """Ask every registered service at the same time."""
    asked = [question for question in _QUESTIONS if question[2] in desk.targets]
    with ThreadPoolExecutor(len(asked) or 1, thread_name_prefix="order") as pool:
        return list(pool.map(lambda question: _answer(desk, order_id, *question), asked))


def _answer(desk: Desk, order_id: str, source: str, what: str, target: str, question: Ask) -> Record:
    try:
        record = question(desk, order_id)
    except NotAnswered:
        return Record(source, what, Found.NOT_REACHABLE)
    return Record(source, what, Found.FOUND, record) if record else Record(source, what, Found.NOTHING)


def _get(target: str, path: str) -> Ask:
    return lambda desk, order_id: get_json(desk, target, path, order_id)


def _order(desk: Desk, order_id: str) -> Any:
    return ask(desk, ORDERS_DATABASE, lambda: shop.order_record(desk, order_id))


def _operations(database: str) -> Ask:
    return lambda desk, order_id: ask(desk, database, lambda: shop.operations_on(desk, database, order_id))


_QUESTIONS: tuple[tuple[str, str, str, Ask], ...] = (
    ("orders", "order", ORDERS_DATABASE, _order),
    ("orders", "operations", ORDERS_DATABASE, _operations(ORDERS_DATABASE)),
    ("warehouse", "operations", WAREHOUSE_DATABASE, _operations(WAREHOUSE_DATABASE)),
    ("inventory", "reservation", "inventory", _get("inventory", "/v1/reservations/{}")),
    ("shipping", "shipment", "shipping", _get("shipping", "/v1/shipments/{}")),
)
