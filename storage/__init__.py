"""Open a SQLite or PostgreSQL database safely: shared by every package, knows none of them."""

from storage.engine import Store, UtcDateTime, open_store, sqlite_path

__all__ = ["Store", "UtcDateTime", "open_store", "sqlite_path"]
