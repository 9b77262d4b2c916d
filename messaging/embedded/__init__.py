"""The built-in broker: queues are rows of one table in a SQLite or PostgreSQL database."""

from messaging.embedded.broker import EmbeddedBroker

__all__ = ["EmbeddedBroker"]
