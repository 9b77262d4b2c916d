"""Open a SQLite or PostgreSQL database safely: shared by every package, knows none of them."""

from storage.clock import Clock, utcnow
from storage.engine import OneConnection, Store, open_store
from storage.postgresql import is_away
from storage.prepared import Batch, Prepared, inserting
from storage.schema import create_missing
from storage.sqlite import sqlite_path
from storage.statements import add_up, insert_if_absent, rows_changed, take_turns, upsert
from storage.types import UtcDateTime
from storage.waiting import Waiting, watching

__all__ = [
    "Batch", "Clock", "OneConnection", "Prepared", "Store", "UtcDateTime", "Waiting", "add_up", "create_missing",
    "insert_if_absent", "inserting", "is_away", "open_store", "rows_changed", "sqlite_path", "take_turns", "upsert",
    "utcnow", "watching",
]
