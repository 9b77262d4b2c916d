"""Write many rows at once into PostgreSQL: as one JSON text, which the server takes apart.

Of the ways to send a hundred rows (one by one, many VALUES, arrays, COPY, JSON) this one costs both sides the least.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    LargeBinary,
    Table,
    Text,
    Update,
    UpdateBase,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.visitors import iterate, replacement_traverse
from sqlalchemy.types import TypeEngine

_ROWS = "rows"

Reads = Mapping[str, ColumnElement[Any]]  # what stands under a name in one of the rows


class ManyRows:
    """A statement that runs for as many rows of the same names as its one parameter holds."""

    def __init__(
        self, types: Mapping[str, TypeEngine[Any]], build: Callable[[Reads], UpdateBase], dialect: Dialect
    ) -> None:
        row = func.jsonb_array_elements(cast(bindparam(_ROWS, type_=Text), postgresql.JSONB)).column_valued("one_row")
        reads = {
            name: _read(row.op("->>")(literal_column(str(place))), kind)
            for place, (name, kind) in enumerate(types.items())
        }
        compiled = build(reads).compile(dialect=dialect)
        self.sql = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if name != _ROWS}
        self._making = [(name, _maker(kind, dialect)) for name, kind in types.items()]

    def values(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Make rows ready."""
        making = self._making
        made = [[row[name] if make is None else make(row[name]) for name, make in making] for row in rows]
        return {**self._constants, _ROWS: json.dumps(made, default=_plain)}


def inserting_many(
    table: Table, names: Sequence[str], finish: Callable[[Any], Any], dialect: Dialect
) -> ManyRows:
    """Make the INSERT of rows that have these columns."""

    def build(reads: Reads) -> UpdateBase:
        insert = postgresql.insert(table).from_select(names, select(*reads.values()), include_defaults=False)
        statement: UpdateBase = finish(insert)
        return statement

    return ManyRows({name: table.columns[name].type for name in names}, build, dialect)


def updating_many(statement: Update, names: Sequence[str], dialect: Dialect) -> ManyRows:
    """Make an UPDATE run for many rows, none of which it finds twice; its parameters bear their types."""
    types = {element.key: element.type for element in iterate(statement) if isinstance(element, BindParameter)}

    def build(reads: Reads) -> UpdateBase:
        def read(element: Any, **_: Any) -> ColumnElement[Any] | None:
            return reads.get(element.key) if isinstance(element, BindParameter) else None

        read_from_rows = replacement_traverse(statement, {}, read)
        assert isinstance(read_from_rows, Update)
        return read_from_rows

    return ManyRows({name: types[name] for name in names}, build, dialect)


def _read(text: ColumnElement[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    if isinstance(kind, LargeBinary):
        return func.decode(text, literal_column("'base64'"))
    return cast(text, kind)


def _maker(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, LargeBinary):
        return None  # the driver would wrap it
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return _told(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no value of a row")


@lru_cache(maxsize=100)  # many rows share their moments
def _told(moment: datetime) -> str:
    return moment.isoformat()
