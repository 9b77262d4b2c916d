"""Run statements fast: one is compiled once, and then only the types' conversions are left to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Table, Update, UpdateBase
from sqlalchemy.dialects import postgresql, sqlite

from storage.many_rows import ManyRows, inserting_many, updating_many

Row = Mapping[str, Any]
MANY = 5  # rows from which on one statement for all is worth its price


@dataclass(frozen=True)
class _Compiled:
    """A statement in an engine's own words, and how each of its values is made ready."""

    sql: str
    names: Sequence[str]
    constants: Row
    converting: Sequence[tuple[int, Callable[[Any], Any]]]
    positional: bool

    def values(self, row: Row) -> tuple[Any, ...] | dict[str, Any]:
        whole = {**self.constants, **row} if self.constants else row
        ready = list(map(whole.__getitem__, self.names))
        for place, convert in self.converting:
            ready[place] = convert(ready[place])
        return tuple(ready) if self.positional else dict(zip(self.names, ready, strict=True))


@dataclass(frozen=True)
class Batch:
    """A statement with values made ready, so that no other writer waits for that."""

    sql: str
    values: Sequence[Any]

    def run(self, connection: Connection) -> None:
        """Run it for all of them."""
        connection.exec_driver_sql(self.sql, self.values)


class Prepared:
    """A statement that runs as `Connection.execute` runs it, for rows that come by the thousand.

    An UPDATE finds each row of its table for one of them at most.
    """

    def __init__(self, build: Callable[[str], UpdateBase]) -> None:
        """Keep `build`, which makes the statement for an engine of the given name."""
        self._build = build
        self._compiled: dict[tuple[str, ...], _Compiled] = {}
        self._many: dict[tuple[str, ...], ManyRows] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it for rows that all have the same names."""
        self.ready(connection.dialect, rows).run(connection)

    def run_one(self, connection: Connection, row: Row) -> CursorResult[Any]:
        """Run it for one row, and return what the engine tells."""
        compiled = self._for(connection.dialect, row)
        return connection.exec_driver_sql(compiled.sql, compiled.values(row))

    def ready(self, dialect: Dialect, rows: Sequence[Row]) -> Batch:
        """Do all of `run` that needs no connection."""
        if dialect.name == "postgresql" and len(rows) >= MANY:
            key = tuple(rows[0])
            many = self._many.get(key) or self._many.setdefault(key, self._for_many(key, dialect))
            return Batch(many.sql, [many.values(rows)])
        compiled = self._for(dialect, rows[0])
        return Batch(compiled.sql, [compiled.values(row) for row in rows])

    def _for(self, dialect: Dialect, row: Row) -> _Compiled:
        key = (dialect.name, *row)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self._build(dialect.name), list(row), dialect)
        return compiled

    def _for_many(self, names: Sequence[str], dialect: Dialect) -> ManyRows:
        statement = self._build(dialect.name)
        assert isinstance(statement, Update)
        return updating_many(statement, names, dialect)


class Inserting(Prepared):
    """An INSERT of the columns that a row has."""

    def __init__(self, table: Table, finish: Callable[[Any], Any]) -> None:
        super().__init__(lambda engine: finish(_INSERT[engine](table).inline()))
        self._table, self._finish = table, finish

    def _for_many(self, names: Sequence[str], dialect: Dialect) -> ManyRows:
        return inserting_many(self._table, names, self._finish, dialect)


def inserting(table: Table, finish: Callable[[Any], Any] = lambda statement: statement) -> Inserting:
    """Prepare an INSERT; `finish` may add what happens to rows that are there already, and what is returned."""
    return Inserting(table, finish)


def _compile(statement: UpdateBase, columns: list[str], dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=columns if statement.is_insert else None)
    names = compiled.positiontup or list(compiled.binds)
    types = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
    converting = [(place, convert) for place, kind in enumerate(types) if (convert := kind.bind_processor(dialect))]
    constants = {name: compiled.binds[name].value for name in names if name not in columns}
    return _Compiled(str(compiled), names, constants, converting, dialect.positional)


_INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
