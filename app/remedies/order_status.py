"""Move an order's status forward, never back."""

from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, bindparam, or_, select, update

from app.domain.remedy import ORDER_STATUSES, ORDERS_DATABASE
from app.remedies.base import Change, Outcome, Preview, Result
from app.remedies.database import CannotApply, DatabaseRemedy
from storage import Prepared

orders = Table(
    "orders",
    MetaData(),
    Column("order_id", String(255), primary_key=True),
    Column("status", String(32), nullable=False),
)


@cache
def _move(allowed: tuple[str, ...], wanted: str) -> Prepared:
    # OR, since an IN list would be written out anew at every execution.
    standing = or_(*(orders.c.status == status for status in allowed))
    move = update(orders).where(orders.c.order_id == bindparam("order"), standing).values(status=wanted)
    return Prepared(lambda _engine: move)


class OrderStatus(DatabaseRemedy):
    """The remedy `order_status`."""

    kind = "order_status"
    target = ORDERS_DATABASE

    def effect(self, remedy: dict[str, Any]) -> dict[str, Any]:
        """Return the transition."""
        return {"from": remedy["from"], "to": remedy["to"]}

    def write(self, connection: Connection, remedy: dict[str, Any]) -> str:
        """Write `to` where the order stands at `from` or between the two; raises CannotApply elsewhere."""
        moved = _move(_before(remedy), remedy["to"]).run_one(connection, {"order": remedy["orderId"]})
        if moved.rowcount != 1:
            raise CannotApply(_judge(_status(connection, remedy), remedy))
        return f"Status of order {remedy['orderId']}: {remedy['to']}."

    def foresee(self, connection: Connection, remedy: dict[str, Any]) -> Preview:
        """Read the order's status and judge it."""
        status = _status(connection, remedy)
        if status in _before(remedy):
            return Preview("would_apply", [Change(f"status of order {remedy['orderId']}", status, remedy["to"])])
        result = _judge(status, remedy)
        done = result.outcome in (Outcome.ALREADY_APPLIED, Outcome.SUPERSEDED)
        return Preview("already_applied" if done else "would_fail", reason=result.detail)


def _before(remedy: dict[str, Any]) -> tuple[str, ...]:
    return ORDER_STATUSES[ORDER_STATUSES.index(remedy["from"]) : ORDER_STATUSES.index(remedy["to"])]


def _status(connection: Connection, remedy: dict[str, Any]) -> str | None:
    return connection.scalar(select(orders.c.status).where(orders.c.order_id == remedy["orderId"]))


def _judge(status: str | None, remedy: dict[str, Any]) -> Result:
    order, wanted = remedy["orderId"], remedy["to"]
    if status is None:
        return Result(Outcome.PERMANENT, f"Orders has no order {order}.")
    if status not in ORDER_STATUSES:
        return Result(Outcome.PERMANENT, f"Order {order} is {status}.")
    if status == wanted:
        return Result(Outcome.ALREADY_APPLIED, f"Order {order} is {status} already; nothing was written.")
    if ORDER_STATUSES.index(status) > ORDER_STATUSES.index(wanted):
        return Result(Outcome.SUPERSEDED, f"Order {order} is {status}, past {wanted}; nothing was written.")
    return Result(Outcome.PASSING, f"Order {order} is {status}, not yet {remedy['from']}.")
