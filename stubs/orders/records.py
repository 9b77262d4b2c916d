"""The orders' table, and every write to it."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Column, Index, MetaData, Numeric, Row, String, Table, select, update
from sqlalchemy.orm import Session

from storage import UtcDateTime, insert_if_absent, rows_changed
from stubs.common.operations import is_applied, mark
from stubs.common.statuses import RANK

metadata = MetaData()

orders = Table(
    "orders", metadata,
    Column("order_id", String(255), primary_key=True),
    Column("client_id", String(255), nullable=False),
    Column("status", String(16), nullable=False),
    Column("items", JSON, nullable=False),
    Column("shipping_address", String(2000), nullable=False, default=""),
    Column("amount", Numeric(14, 2, asdecimal=False)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("orders_client", "client_id"),
)


class Move(Enum):
    """What became of a change of status."""

    APPLIED = "applied"
    DONE = "already there, or past it"
    NOT_YET = "not yet where it comes from"
    UNKNOWN = "the order is not in the database"
    CANCELLED = "the order is cancelled"


def find(session: Session, order_id: str, *, lock: bool = False) -> Row[Any] | None:
    """Read an order, locked against other writers if asked."""
    query = select(orders).where(orders.c.order_id == order_id)
    return session.execute(query.with_for_update() if lock else query).first()


def insert(session: Session, order_id: str, client_id: str, status: str, **rest: Any) -> bool:
    """Insert an order; False when its id is taken."""
    now = datetime.now(UTC)
    row = {"items": [], "shipping_address": "", "created_at": now, "updated_at": now, **rest}
    return insert_if_absent(session, orders, {"order_id": order_id, "client_id": client_id, "status": status, **row})


def add_item(session: Session, order_id: str, item: dict[str, Any]) -> None:
    """Add an item to an order, once per operation."""
    row = find(session, order_id, lock=True)
    if row is None or any(old.get("operationId") == item["operationId"] for old in row._mapping["items"]):
        return
    changed = update(orders).where(orders.c.order_id == order_id)
    session.execute(changed.values(items=[*row._mapping["items"], item], updated_at=datetime.now(UTC)))


def move(session: Session, operation_id: str, order_id: str, before: str, after: str) -> Move:
    """Change an order's status forwards, with the marker of the operation, or say why not."""
    if is_applied(session, operation_id):
        return Move.DONE
    row = find(session, order_id, lock=True)
    if row is None:
        return Move.UNKNOWN
    refusal = _refusal(row.status, before, after)
    if refusal:
        return refusal
    # Guarded once more by the statement itself: on PostgreSQL others may write between the two.
    guard = (orders.c.order_id == order_id) & (orders.c.status == row.status)
    changed = update(orders).where(guard).values(status=after, updated_at=datetime.now(UTC))
    if rows_changed(session.execute(changed)) != 1:
        return Move.NOT_YET
    mark(session, operation_id, "order_status", order_id, {"from": before, "to": after}, "orders")
    return Move.APPLIED


def _refusal(current: str, before: str, after: str) -> Move | None:
    if current == after:
        return Move.DONE
    if current == "cancelled":
        return Move.CANCELLED
    if after == "cancelled":
        return None if current != "delivered" else Move.DONE
    if RANK[current] > RANK[after]:
        return Move.DONE
    return Move.NOT_YET if RANK[current] < RANK[before] else None
