"""Insert rows fast: a statement is compiled once, and then only the types' conversions are left to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Compiled:
    """A statement in an engine's own words, and how each of its values is made ready."""

    sql: str
    names: Sequence[str]
    converting: Sequence[tuple[int, Callable[[Any], Any]]]
    positional: bool

    def values(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        ready = list(map(row.__getitem__, self.names))
        for place, convert in self.converting:
            ready[place] = convert(ready[place])
        return tuple(ready) if self.positional else dict(zip(self.names, ready, strict=True))


@dataclass(frozen=True)
class Insertion:
    """Rows made ready, so that no other writer waits for that."""

    sql: str
    values: Sequence[Any]

    def run(self, connection: Connection) -> None:
        """Insert them."""
        connection.exec_driver_sql(self.sql, self.values)


class Inserting:
    """INSERT into one table: as `Connection.execute` does it, for rows that come by the thousand.

    `on_conflict` is given the statement, and adds what happens to rows whose key is there already.
    """

    def __init__(self, table: Table, on_conflict: Callable[[Any], Any] = lambda statement: statement) -> None:
        self._table, self._on_conflict = table, on_conflict
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows that all have the same columns; the others stay empty."""
        self.ready(connection.dialect, rows).run(connection)

    def ready(self, dialect: Dialect, rows: Sequence[Row]) -> Insertion:
        """Do all of `run` that needs no connection."""
        key = (dialect.name, *rows[0])
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = self._compile(list(rows[0]), dialect)
        return Insertion(compiled.sql, [compiled.values(row) for row in rows])

    def _compile(self, names: list[str], dialect: Dialect) -> _Compiled:
        statement = self._on_conflict(_INSERT[dialect.name](self._table)).inline()
        compiled = statement.compile(dialect=dialect, column_keys=names)
        names = compiled.positiontup or names
        types = [self._table.columns[name].type.dialect_impl(dialect) for name in names]
        converting = [(place, convert) for place, kind in enumerate(types) if (convert := kind.bind_processor(dialect))]
        return _Compiled(str(compiled), names, converting, dialect.positional)


_INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
