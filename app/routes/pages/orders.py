"""GET /orders/<orderId>: one order over all services."""

from flask import render_template

from app.domain.permissions import Permission
from app.queries import order
from app.routes.context import current_desk
from app.routes.pages import lists
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/orders/<order_id>")
@needs(Permission.READ)
def one_order(order_id: str) -> str:
    """Show each service's record side by side, the failures, and one timeline."""
    desk = current_desk()
    found = order.order(desk, order_id)
    with desk.store.read() as session:
        return render_template("orders/one.html", order=found, lines=lists.lines(session, found.failures))
