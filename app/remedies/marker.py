"""The marker row that makes a repeated effect one effect; see docs/decisions/0002."""

import hashlib
import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    and_,
    case,
    not_,
    select,
    update,
)

from app.remedies.base import Run
from storage import UtcDateTime, inserting

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

# Whether it was written is told by RETURNING: for an INSERT, psycopg's count of rows is not kept (it is -1).
_NEW = inserting(
    applied_operations,
    lambda insert: insert.on_conflict_do_nothing().returning(applied_operations.c.operation_id),
)


def take(connection: Connection, run: Run, kind: str, effect: dict[str, Any]) -> bool:
    """Write the marker of an effect that follows in the same transaction; False when the operation is over already.

    A tombstone that this failure got before a person reopened it gives way.
    """
    row = _row(run, kind, effect)
    if _is_new(connection, row):
        return True
    replaced = connection.execute(update(applied_operations).where(_named(run), _gives_way(run)).values(row))
    return replaced.rowcount == 1


def bar(connection: Connection, run: Run) -> bool:
    """Write a tombstone, so that a late run does nothing; False when the effect itself is there already."""
    row = _row(run, TOMBSTONE, _owner(run))
    if _is_new(connection, row):
        return True
    # A closer that was slow must not lower what another has raised meanwhile.
    fence, ours = applied_operations.c.fence, applied_operations.c.digest == row["digest"]
    highest = case((ours & (fence > run.fence), fence), else_=run.fence)
    raised = connection.execute(
        update(applied_operations)
        .where(_named(run), applied_operations.c.kind == TOMBSTONE)
        .values(row | {"fence": highest})
    )
    return raised.rowcount == 1


def what_bars(connection: Connection, run: Run, effect: dict[str, Any]) -> str | None:
    """Say in words why nothing would be written for a run, or None when nothing stands in its way."""
    row = connection.execute(select(applied_operations).where(_named(run), not_(_gives_way(run)))).one_or_none()
    if row is None:
        return None
    if row.kind == TOMBSTONE:
        whose = "this failure" if row.digest == digest(_owner(run)) else "another failure of the same operation"
        return f"A person closed {whose}; nothing was written."
    words = f"Applied before, by {row.applied_by}; nothing was written."
    return words if row.digest == digest(effect) else f"{words} What was applied differs from this remedy."


def digest(effect: dict[str, Any]) -> str:
    """Return the SHA-256 of an effect as canonical JSON."""
    return _digest(_canonical(effect))


def _digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(effect: dict[str, Any]) -> str:
    return json.dumps(effect, sort_keys=True, separators=(",", ":"))


def _owner(run: Run) -> dict[str, Any]:
    # Fences count within one failure: only the failure that was closed can tell when it was reopened.
    return {"failureId": run.failure_id}


def _is_new(connection: Connection, row: dict[str, Any]) -> bool:
    return _NEW.run_one(connection, row).first() is not None


def _named(run: Run) -> ColumnElement[bool]:
    return applied_operations.c.operation_id == str(run.remedy["operationId"])


def _gives_way(run: Run) -> ColumnElement[bool]:
    columns = applied_operations.c
    return and_(columns.kind == TOMBSTONE, columns.fence < run.fence, columns.digest == digest(_owner(run)))


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
