"""GET /orders/<orderId>: one order over all services."""

from flask import render_template

from app.domain.permissions import Permission
from app.domain.progress import way_of
from app.domain.status import OPEN
from app.queries import comparison, order
from app.queries.order_records import Found, Record
from app.routes.context import current_desk
from app.routes.pages import lists, words
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/orders/<order_id>")
@needs(Permission.READ)
def one_order(order_id: str) -> str:
    """Show how far the order is, each service's record side by side, the failures, and one timeline."""
    desk = current_desk()
    found = order.order(desk, order_id)
    with desk.store.read() as session:
        lines = lists.lines(session, (*found.failures, *found.corrected))
    return render_template(
        "orders/one.html", order=found, lines=lines, comparison=comparison.compared(found.records),
        silent=[words.service(name) for name in comparison.silent(found.records)],
        way=way_of(found.status), still_open=sum(row.status in OPEN for row in found.failures),
        headlines={line.row.id: line.headline for line in lines},
        movements=[row for record in found.records if record.what == "operations" for row in _rows(record)],
    )


def _rows(record: Record) -> list[dict[str, object]]:
    if record.found != Found.FOUND:
        return []
    return [{**row, "source": record.source} for row in record.record]
