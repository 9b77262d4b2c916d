"""The stock of components, and the one transaction that takes from it."""

from sqlalchemy import BigInteger, Column, MetaData, String, Table, select, update
from sqlalchemy.orm import Session

from storage import rows_changed
from stubs.common.operations import mark

metadata = MetaData()

components = Table(
    "components", metadata,
    Column("component_id", String(255), primary_key=True),
    Column("available", BigInteger, nullable=False),
)


class NotEnough(Exception):
    """A component does not suffice; nothing may be written."""


def available(session: Session, component_id: str) -> int | None:
    """Return how many there are, or None for an unknown component."""
    query = select(components.c.available).where(components.c.component_id == component_id)
    return session.execute(query).scalar()


def suffices(session: Session, needed: dict[str, int]) -> bool:
    """Tell whether every component is there in the quantity needed."""
    return all((available(session, name) or 0) >= quantity for name, quantity in needed.items())


def take(session: Session, operation_id: str, order_id: str, needed: dict[str, int], by: str) -> None:
    """Decrement every component, or nothing when the operation was applied before.

    Raises:
        NotEnough: the caller rolls back.
    """
    effect = {"components": [{"componentId": name, "quantity": quantity} for name, quantity in needed.items()]}
    if not mark(session, operation_id, "stock_decrement", order_id, effect, by):
        return
    for name, quantity in needed.items():
        enough = (components.c.component_id == name) & (components.c.available >= quantity)
        less = update(components).where(enough).values(available=components.c.available - quantity)
        if rows_changed(session.execute(less)) != 1:
            raise NotEnough(name)
