"""Report errors to the Dead Letter Office, and lose none of them on the way.

    reporter = Reporter("http://127.0.0.1:8080", token, source="warehouse", store=store)
    reporter.start()
    reporter.report(error, operation="stock.decrement", kind="db_write", remedy=remedy, order_id="536365")

A report is first a row of the service's own database and then, in order, a request to the desk: while the
desk is away, or this process is dead, it waits there. `report` and `confirm` never raise into the caller's
flow.
"""

from reporter.client import Reporter
from reporter.report import Problem

__all__ = ["Problem", "Reporter"]
