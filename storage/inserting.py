"""Insert rows fast: a statement is compiled once, and then only the types' conversions are left to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Compiled:
    """A statement in an engine's own words, and how each of its values is made ready."""

    sql: str
    columns: list[tuple[str, Callable[[Any], Any] | None]]
    positional: bool

    def values(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        ready = [row[name] if convert is None else convert(row[name]) for name, convert in self.columns]
        if self.positional:
            return tuple(ready)
        return {name: value for (name, _), value in zip(self.columns, ready, strict=True)}


class Inserting:
    """INSERT into one table: as `Connection.execute` does it, for rows that come by the thousand."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows that all have the same columns; the others stay empty."""
        key = (connection.dialect.name, *rows[0])
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self._table, list(rows[0]), connection.dialect)
        connection.exec_driver_sql(compiled.sql, [compiled.values(row) for row in rows])


def _compile(table: Table, names: list[str], dialect: Dialect) -> _Compiled:
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup or names
    types = {name: table.columns[name].type.dialect_impl(dialect) for name in names}
    return _Compiled(str(compiled), [(name, types[name].bind_processor(dialect)) for name in order], dialect.positional)
