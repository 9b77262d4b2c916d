"""Open a SQLite or PostgreSQL database safely: shared by every package, knows none of them."""

from storage.clock import Clock, utcnow
from storage.engine import Store, UtcDateTime, open_store, sqlite_path
from storage.waiting import Waiting, watching

__all__ = ["Clock", "Store", "UtcDateTime", "Waiting", "open_store", "sqlite_path", "utcnow", "watching"]
