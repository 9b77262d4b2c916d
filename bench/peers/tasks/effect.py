"""The work of a peer's task: one UPDATE in one transaction. Imported in the peer's own environment alone."""

import os
import threading

import psycopg

_own = threading.local()


def pay(order_id: str) -> None:
    """Write the status, as our `order_status` does, but without a marker."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["BENCH_DATABASE"], autocommit=True)
    _own.connection.execute("UPDATE orders SET status = 'paid' WHERE order_id = %s", (order_id,))
