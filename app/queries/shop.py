"""The other services' tables, as far as the desk reads them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Column, MetaData, Numeric, Row, Select, String, Table, Text, select

from app.desk import Desk
from app.domain.masking import masked
from app.domain.remedy import ORDERS_DATABASE
from app.remedies.marker import applied_operations
from storage import UtcDateTime

orders = Table(
    "orders",
    MetaData(),
    Column("order_id", String(255), primary_key=True),
    Column("client_id", String(255)),
    Column("status", String(16)),
    Column("items", JSON),
    Column("shipping_address", Text),
    Column("amount", Numeric(asdecimal=False)),
    Column("created_at", UtcDateTime),
)
MOST_OPERATIONS = 200


def read(desk: Desk, database: str, statement: Select[Any]) -> Sequence[Row[Any]]:
    """Run one statement in a service's database. Raises SQLAlchemyError, as the database does."""
    with desk.targets.store(database).read() as session:
        return session.execute(statement).all()


def order_record(desk: Desk, order_id: str) -> dict[str, Any] | None:
    """Return an order as the Orders' database holds it, or None."""
    rows = read(desk, ORDERS_DATABASE, select(orders).where(orders.c.order_id == order_id))
    return shown(rows[0]) if rows else None


def operations_on(desk: Desk, database: str, order_id: str) -> list[dict[str, Any]]:
    """Return what was applied for an order in a database, the newest 200 (the owner keeps no index: it may scan)."""
    statement = (
        select(applied_operations).where(applied_operations.c.order_id == order_id)
        .order_by(applied_operations.c.applied_at.desc()).limit(MOST_OPERATIONS)
    )
    return [
        {"operationId": row.operation_id, "kind": row.kind, "effect": masked(row.effect), "appliedBy": row.applied_by,
         "appliedAt": row.applied_at}
        for row in read(desk, database, statement)
    ]


def shown(row: Row[Any]) -> dict[str, Any]:
    """Return an order's row as it is shown."""
    record: dict[str, Any] = masked({
        "orderId": row.order_id, "clientId": row.client_id, "status": row.status, "amount": row.amount,
        "items": row.items, "shippingAddress": row.shipping_address,
    })
    return record | {"createdAt": row.created_at}
