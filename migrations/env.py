"""Alembic's entry: run by `app.migrate` with a connection, or from the command line with DLO_DATABASE_URL."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from app.models.tables import metadata


def plain_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what the database sees, so that old migrations never need our code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=plain_type,
)
with context.begin_transaction():
    context.run_migrations()
