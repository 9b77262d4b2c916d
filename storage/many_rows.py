"""Insert many rows at once into PostgreSQL: as one JSON text, which the server takes apart.

Of the ways to send a hundred rows (one by one, many VALUES, arrays, JSON) this one costs both sides the least.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    LargeBinary,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql

_ROWS = "rows"


class ManyRows:
    """The INSERT of as many rows of the same columns as its one parameter holds."""

    def __init__(
        self, table: Table, names: Sequence[str], finish: Callable[[Any], Any], dialect: Dialect
    ) -> None:
        columns = [table.columns[name] for name in names]
        row = func.jsonb_array_elements(cast(bindparam(_ROWS, type_=Text), postgresql.JSONB)).column_valued("one_row")
        values = [_read(row.op("->>")(literal_column(str(place))), column) for place, column in enumerate(columns)]
        insert = postgresql.insert(table).from_select(names, select(*values), include_defaults=False)
        self.sql = str(finish(insert).compile(dialect=dialect))
        self._making = [(column.name, _maker(column, dialect)) for column in columns]

    def values(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Make rows ready."""
        making = self._making
        made = [[row[name] if make is None else make(row[name]) for name, make in making] for row in rows]
        return {_ROWS: json.dumps(made, default=_plain)}


def _read(text: ColumnElement[Any], column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, LargeBinary):
        return func.decode(text, literal_column("'base64'"))
    return cast(text, column.type)


def _maker(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, LargeBinary):
        return None  # the driver would wrap it
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no value of a row")
