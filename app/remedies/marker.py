"""The marker row that makes a repeated effect one effect; see docs/decisions/0002."""

import hashlib
import json
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, Text, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.remedies.base import Run
from storage import UtcDateTime

TOMBSTONE = "tombstone"

applied_operations = Table(
    "applied_operations",
    MetaData(),
    Column("operation_id", String(255), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("order_id", String(255)),
    Column("digest", String(64)),
    Column("effect", Text),
    Column("fence", BigInteger, nullable=False),
    Column("applied_by", String(64), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
)

_INSERT: dict[str, Any] = {
    "sqlite": sqlite.insert(applied_operations).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(applied_operations).on_conflict_do_nothing(),
}


def take(connection: Connection, run: Run, kind: str, effect: dict[str, Any]) -> bool:
    """Write the marker of an effect that follows in the same transaction; False when it is there already.

    A tombstone with a lower fence was written before a person reopened the failure: it gives way.
    """
    row = _row(run, kind, effect)
    if connection.execute(_INSERT[connection.dialect.name], row).rowcount == 1:
        return True
    replaced = connection.execute(
        update(applied_operations)
        .where(
            applied_operations.c.operation_id == row["operation_id"],
            applied_operations.c.kind == TOMBSTONE,
            applied_operations.c.fence < run.fence,
        )
        .values(row)
    )
    return replaced.rowcount == 1


def bar(connection: Connection, run: Run) -> bool:
    """Write a tombstone, so that a late run does nothing; False when the effect itself is there already."""
    row = _row(run, TOMBSTONE, {})
    if connection.execute(_INSERT[connection.dialect.name], row).rowcount == 1:
        return True
    raised = connection.execute(
        update(applied_operations)
        .where(
            applied_operations.c.operation_id == row["operation_id"],
            applied_operations.c.kind == TOMBSTONE,
        )
        .values(fence=run.fence)
    )
    return raised.rowcount == 1


def applied(connection: Connection, operation_id: str) -> Any | None:
    """Return the marker of an effect, or None; a tombstone is no effect."""
    row = connection.execute(
        select(applied_operations).where(applied_operations.c.operation_id == operation_id)
    ).one_or_none()
    return None if row is None or row.kind == TOMBSTONE else row


def explain(connection: Connection, operation_id: str, effect: dict[str, Any]) -> str:
    """Say in words what stands under an operation id that was there already."""
    row = applied(connection, operation_id)
    if row is None:
        return "A person closed this failure; nothing was written."
    words = f"Applied before, by {row.applied_by}; nothing was written."
    return words if row.digest == digest(effect) else f"{words} What was applied differs from this remedy."


def digest(effect: dict[str, Any]) -> str:
    """Return the SHA-256 of an effect as canonical JSON."""
    return _digest(_canonical(effect))


def _digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(effect: dict[str, Any]) -> str:
    return json.dumps(effect, sort_keys=True, separators=(",", ":"))


def _row(run: Run, kind: str, effect: dict[str, Any]) -> dict[str, Any]:
    canonical = _canonical(effect)
    return {
        "operation_id": run.remedy["operationId"],
        "kind": kind,
        "order_id": run.remedy["orderId"],
        "digest": _digest(canonical),
        "effect": canonical,
        "fence": run.fence,
        "applied_by": "desk",
        "applied_at": run.now,
    }
