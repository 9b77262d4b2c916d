"""The fault switch of a stub: kept in its database, so that it survives a restart and a trigger can read it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, or_, select, update

from storage import Store, upsert

MODES = ("none", "unavailable", "timeout", "error", "reject", "db_write_fails")
MARK = "fault: db_write_fails"

metadata = MetaData()

faults = Table(
    "faults", metadata,
    Column("name", String(32), primary_key=True),  # of the process: two warehouses share a database
    Column("mode", String(16), nullable=False),
    Column("rate", Float, nullable=False),
    Column("until", Float),  # seconds since 1970
    Column("hits", Integer, nullable=False),
)


@dataclass(frozen=True)
class Fault:
    """A fault as it stands now; `until` in seconds since 1970, None for ever."""

    mode: str = "none"
    rate: float = 1.0
    until: float | None = None
    hits: int = 0


class Faults:
    """The switch of one process."""

    def __init__(
        self, store: Store, name: str, now: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._name, self._now, self._draw = store, name, now, draw

    def put(self, mode: str, rate: float = 1.0, for_seconds: float | None = None) -> None:
        """Set the fault; its hits begin at none."""
        until = None if for_seconds is None else self._now() + for_seconds
        values = {"name": self._name, "mode": mode, "rate": rate, "until": until, "hits": 0}
        with self._store.write() as session:
            upsert(session, faults, values)

    def clear(self) -> None:
        """Lift the fault and keep its hits."""
        with self._store.write() as session:
            session.execute(update(faults).where(faults.c.name == self._name).values(mode="none", until=None))

    def current(self) -> Fault:
        """Read the fault; one whose time is over is `none`."""
        with self._store.read() as session:
            row = session.execute(select(faults).where(faults.c.name == self._name)).first()
        if row is None:
            return Fault()
        over = row.until is not None and row.until <= self._now()
        return Fault("none" if over else row.mode, row.rate, None if over else row.until, row.hits)

    def strike(self) -> str | None:
        """Draw whether a call or message meets the fault: its mode, counted, or None to go on."""
        fault = self.current()
        if fault.mode in ("none", "db_write_fails") or self._draw() >= fault.rate:
            return None
        with self._store.write() as session:
            session.execute(_one_more().where(faults.c.name == self._name))
        return fault.mode

    def is_down(self) -> bool:
        """Tell whether the whole process is to be away: `unavailable` for every call."""
        fault = self.current()
        return fault.mode == "unavailable" and fault.rate >= 1

    def met(self, error: BaseException) -> bool:
        """Count a write that the trigger has stopped; tells whether it was that."""
        if MARK not in str(error):
            return False
        # Of whatever process: the trigger belongs to the database.
        active = or_(faults.c.until.is_(None), faults.c.until > self._now())
        with self._store.write() as session:
            session.execute(_one_more().where(faults.c.mode == "db_write_fails", active))
        return True


def _one_more() -> Any:
    return update(faults).values(hits=faults.c.hits + 1)


SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS {table}_{event}_fault BEFORE {what} ON {table}
WHEN EXISTS (
    SELECT 1 FROM faults WHERE mode = 'db_write_fails'
    AND (until IS NULL OR until > (julianday('now') - 2440587.5) * 86400.0)
    AND (rate >= 1 OR abs(random() / 9223372036854775808.0) < rate)
) BEGIN SELECT RAISE(ABORT, '{mark}'); END
"""

# 58030 is an I/O error: to every client an error of the database, and a passing one.
POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION strike_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (
        SELECT 1 FROM faults WHERE mode = 'db_write_fails'
        AND (until IS NULL OR until > extract(epoch FROM clock_timestamp()))
        AND (rate >= 1 OR random() < rate)
    ) THEN RAISE EXCEPTION '{MARK}' USING ERRCODE = '58030'; END IF;
    RETURN NEW;
END $$
"""

POSTGRESQL_TRIGGER = """
CREATE OR REPLACE TRIGGER {table}_{event}_fault BEFORE {what} ON {table}
FOR EACH ROW EXECUTE FUNCTION strike_fault()
"""


def triggers(store: Store, *writes: str) -> list[str]:
    """Return the statements that make `db_write_fails` in the database itself, for whoever writes.

    Each of `writes` reads like `INSERT ON orders` or `UPDATE OF status ON orders`.
    """
    template = SQLITE_TRIGGER if store.is_sqlite else POSTGRESQL_TRIGGER
    statements = [] if store.is_sqlite else [POSTGRESQL_FUNCTION]
    for write in writes:
        what, _, table = write.partition(" ON ")
        event = what.partition(" ")[0].lower()
        statements.append(template.format(table=table, event=event, what=what, mark=MARK))
    return statements
