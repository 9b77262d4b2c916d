"""Ask each service what it knows of an order: at once, briefly, and each failing softly."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any
from urllib.parse import quote

import requests
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from app.desk import Desk
from app.domain.http_rules import path_fault
from app.domain.masking import masked
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.outgoing import Deadline, send
from app.queries import shop

SECONDS = 1.0  # for the whole call: a person waits, and others behind
SILENCE = 5.0  # seconds for which a service that kept somebody waiting is not asked again
MOST_BYTES = 64 * 1024


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


def _answer(desk: Desk, order_id: str, source: str, what: str, target: str, ask: Ask) -> Record:
    began = monotonic()
    if began < desk.silent_until.get(target, began):
        return Record(source, what, Found.NOT_REACHABLE)
    try:
        record = ask(desk, order_id)
    except (SQLAlchemyError, requests.RequestException, HTTPError, OSError, ValueError):
        if monotonic() - began >= SECONDS:
            desk.silent_until[target] = monotonic() + SILENCE
        return Record(source, what, Found.NOT_REACHABLE)
    return Record(source, what, Found.FOUND, record) if record else Record(source, what, Found.NOTHING)


def _get(target: str, path: str) -> Ask:
    def ask(desk: Desk, order_id: str) -> Any:
        place = path + quote(order_id, safe="")
        if path_fault(place):
            return None  # an id that is no path segment is no order of theirs
        url = desk.targets.url(target).rstrip("/") + place
        session = desk.targets.http(target)
        with Deadline(SECONDS):
            request = session.prepare_request(requests.Request("GET", url))
            with send(session, request, timeout=(SECONDS, SECONDS)) as answer:
                if answer.status_code == 404:
                    return None
                if answer.status_code != 200:
                    raise ValueError(f"it answered {answer.status_code}")
                return masked(json.loads(answer.raw.read(MOST_BYTES)))

    return ask


def _operations(database: str) -> Ask:
    return lambda desk, order_id: shop.operations_on(desk, database, order_id)


_QUESTIONS: tuple[tuple[str, str, str, Ask], ...] = (
    ("orders", "order", ORDERS_DATABASE, shop.order_record),
    ("orders", "operations", ORDERS_DATABASE, _operations(ORDERS_DATABASE)),
    ("warehouse", "operations", WAREHOUSE_DATABASE, _operations(WAREHOUSE_DATABASE)),
    ("inventory", "reservation", "inventory", _get("inventory", "/v1/reservations/")),
    ("shipping", "shipment", "shipping", _get("shipping", "/v1/shipments/")),
)
