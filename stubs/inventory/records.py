"""Stock and reservations, and every write to them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Float, Index, MetaData, Row, String, Table, select, update
from sqlalchemy.orm import Session

from storage import UtcDateTime, insert_if_absent, rows_changed

RESERVED, SHIPPING = "reserved", "shipping"
AWAITING, AWAITING_MANUAL = "awaiting_shipment", "awaiting_manual_shipment"

metadata = MetaData()

stock = Table(
    "stock", metadata,
    Column("product_id", String(255), primary_key=True),
    Column("available", BigInteger, nullable=False),
)

# The history of processed orders as well: an order that has a row is never reserved again.
reservations = Table(
    "reservations", metadata,
    Column("order_id", String(255), primary_key=True),
    Column("client_id", String(255), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("status", String(32), nullable=False),
    Column("shipping_address", String(2000), nullable=False),
    Column("items", JSON, nullable=False),
    Column("send_at", Float),  # seconds since 1970: from when Shipping is asked; null when a person decides
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("reservations_to_send", "send_at"),
)


class NotEnough(Exception):
    """A product does not suffice; the text says which, how many are needed and how many there are."""


def available(session: Session, product_id: str) -> int | None:
    """Return how many there are, or None for an unknown product."""
    return session.execute(select(stock.c.available).where(stock.c.product_id == product_id)).scalar()


def find(session: Session, order_id: str) -> Row[Any] | None:
    """Read a reservation."""
    return session.execute(select(reservations).where(reservations.c.order_id == order_id)).first()


def check(session: Session, needed: dict[str, int]) -> None:
    """Look whether the stock suffices.

    Raises:
        NotEnough: it does not.
    """
    for product, quantity in needed.items():
        there = available(session, product) or 0
        if there < quantity:
            raise NotEnough(f"product {product}: {quantity} needed, {there} available")


def reserve(session: Session, row: dict[str, Any], needed: dict[str, int], now: float) -> bool:
    """Take the goods of an order from the stock; False when the order was processed before.

    Raises:
        NotEnough: the caller rolls back.
    """
    moment = datetime.now(UTC)
    values = {**row, "status": RESERVED, "send_at": now, "created_at": moment, "updated_at": moment}
    if not insert_if_absent(session, reservations, values):
        return False
    for product, quantity in needed.items():
        enough = (stock.c.product_id == product) & (stock.c.available >= quantity)
        less = update(stock).where(enough).values(available=stock.c.available - quantity)
        if rows_changed(session.execute(less)) != 1:
            raise NotEnough(f"product {product}: {quantity} needed")
    return True


def change(session: Session, order_id: str, among: Sequence[str], **values: Any) -> bool:
    """Change a reservation that is in one of some statuses; tells whether it was."""
    guard = (reservations.c.order_id == order_id) & reservations.c.status.in_(among)
    changed = update(reservations).where(guard).values(**values, updated_at=datetime.now(UTC))
    return rows_changed(session.execute(changed)) == 1


def hold_back(session: Session) -> None:
    """Let every order that was to be sent wait for Shipping to come back."""
    due = (reservations.c.status == RESERVED) & reservations.c.send_at.is_not(None)
    session.execute(update(reservations).where(due).values(status=AWAITING, updated_at=datetime.now(UTC)))


def waiting(session: Session, limit: int) -> list[Row[Any]]:
    """List the first orders that wait for Shipping to come back, oldest first."""
    query = select(reservations).where(reservations.c.status == AWAITING)
    in_order = query.order_by(reservations.c.created_at, reservations.c.order_id)
    return list(session.execute(in_order.limit(limit)))


def next_due(session: Session, now: float) -> Row[Any] | None:
    """Return the order that Shipping is to be asked for next."""
    query = select(reservations).where(reservations.c.send_at <= now)
    return session.execute(query.order_by(reservations.c.created_at, reservations.c.order_id).limit(1)).first()
