"""The marker of every change that the desk may repair as well (decision 0002)."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text, select
from sqlalchemy.orm import Session

from storage import UtcDateTime, insert_if_absent

metadata = MetaData()

applied_operations = Table(
    "applied_operations", metadata,
    Column("operation_id", String(255), primary_key=True),
    Column("kind", String(32), nullable=False),  # stock_decrement, order_status, tombstone
    Column("order_id", String(255)),
    Column("digest", String(64)),
    Column("effect", Text),
    Column("fence", BigInteger, nullable=False),
    Column("applied_by", String(64), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
)


def is_applied(session: Session, operation_id: str) -> bool:
    """Tell whether an operation was applied, by whomever, or given up by a person (a tombstone)."""
    query = select(applied_operations.c.operation_id).where(applied_operations.c.operation_id == operation_id)
    return session.execute(query).first() is not None


def mark(session: Session, operation_id: str, kind: str, order_id: str, effect: dict[str, Any], by: str) -> bool:
    """Write the marker into the transaction of the effect; False when it is there and nothing may be written."""
    text = json.dumps(effect, sort_keys=True, separators=(",", ":"))
    return insert_if_absent(session, applied_operations, {
        "operation_id": operation_id, "kind": kind, "order_id": order_id,
        "digest": hashlib.sha256(text.encode()).hexdigest(), "effect": text,
        "fence": 0, "applied_by": by, "applied_at": datetime.now(UTC),
    })


def all_applied(session: Session) -> list[dict[str, Any]]:
    """List the markers, oldest first."""
    table = applied_operations
    rows = session.execute(select(table).order_by(table.c.applied_at, table.c.operation_id))
    return [
        {"operationId": row.operation_id, "kind": row.kind, "orderId": row.order_id,
         "effect": json.loads(row.effect) if row.effect else None, "appliedBy": row.applied_by}
        for row in rows
    ]
