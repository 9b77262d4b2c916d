"""Take components out of the Warehouse's stock: all in one transaction, or none."""

from collections import Counter
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, bindparam, select, update

from app.domain.remedy import WAREHOUSE_DATABASE
from app.domain.shortage import not_enough
from app.remedies.base import Change, Outcome, Preview, Result
from app.remedies.database import CannotApply, DatabaseRemedy

components = Table(
    "components",
    MetaData(),
    Column("component_id", String(255), primary_key=True),
    Column("available", BigInteger, nullable=False),  # a sum of quantities outgrows 32 bits
)

# One statement, never "read, compute, write": two writers cannot both see the same stock.
_TAKE = (
    update(components)
    .where(components.c.component_id == bindparam("name"), components.c.available >= bindparam("quantity"))
    .values(available=components.c.available - bindparam("quantity"))
)


class StockDecrement(DatabaseRemedy):
    """The remedy `stock_decrement`."""

    kind = "stock_decrement"
    target = WAREHOUSE_DATABASE

    def effect(self, remedy: dict[str, Any]) -> dict[str, Any]:
        """Return the components in the order in which they are locked, so that no two writers wait in a ring."""
        return {"components": [{"componentId": name, "quantity": quantity} for name, quantity in _wanted(remedy)]}

    def write(self, connection: Connection, remedy: dict[str, Any]) -> str:
        """Subtract each quantity where that much is there; raises CannotApply when it is not."""
        for name, quantity in _wanted(remedy):
            taken = connection.execute(_TAKE, {"name": name, "quantity": quantity})
            if taken.rowcount != 1:
                raise CannotApply(Result(Outcome.PERMANENT, _shortage(name, quantity, _available(connection, name))))
        return "Stock taken: " + ", ".join(f"{name} −{quantity}" for name, quantity in _wanted(remedy)) + "."

    def foresee(self, connection: Connection, remedy: dict[str, Any]) -> Preview:
        """Compute each component's stock before and after."""
        changes, reason = [], None
        for name, quantity in _wanted(remedy):
            before = _available(connection, name)
            if before is None or before < quantity:
                reason = reason or _shortage(name, quantity, before)
            changes.append(Change(f"stock of {name}", before, None if before is None else before - quantity))
        return Preview("would_fail" if reason else "would_apply", [] if reason else changes, reason)


def _wanted(remedy: dict[str, Any]) -> list[tuple[str, int]]:
    total: Counter[str] = Counter()
    for component in remedy["components"]:
        total[component["componentId"]] += component["quantity"]
    return sorted(total.items())


def _available(connection: Connection, name: str) -> int | None:
    return connection.scalar(select(components.c.available).where(components.c.component_id == name))


def _shortage(name: str, quantity: int, available: int | None) -> str:
    if available is None:
        return f"Component {name} is unknown to the Warehouse."
    return not_enough(name, quantity, available)
