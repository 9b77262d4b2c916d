"""What happened, in one sentence."""

from typing import Any

from app.routes.languages import translate as _
from app.routes.pages.words import dead_letters
from app.routes.pages.words.labels import order_status
from app.routes.pages.words.services import service
from app.routes.pages.words.told import Remedy, Told, is_lost, is_scarce, shortage, unknown_product

_SHIPPING = "shipping.prepare"


def headline(failure: Told, remedy: Remedy) -> str:
    """Say in one sentence what happened."""
    if failure.order_id and is_scarce(failure):
        return _scarce(failure)
    if failure.kind == "message":
        return dead_letters.headline(failure, remedy or {})
    if not failure.order_id:
        return _unknown(failure)
    return _of_order(failure, remedy or {}) or _of_remedy(failure, remedy or {}) or _unknown(failure)


def _scarce(failure: Told) -> str:
    lacking = shortage(failure)
    if lacking is None:
        return _("There are not enough goods in stock for order %(order)s.", order=failure.order_id)
    return _(
        "Order %(order)s needs %(needed)s of %(product)s, but only %(available)s are in stock.",
        order=failure.order_id, **lacking,
    )


def _of_order(failure: Told, remedy: dict[str, Any]) -> str | None:
    order = failure.order_id
    wanted = order_status(remedy.get("to", ""))
    if is_lost(failure):
        if remedy.get("to") == "paid":
            return _("Order %(order)s was paid, but Orders has no such order.", order=order)
        return _("Orders has no order %(order)s, which should become “%(status)s”.", order=order, status=wanted)
    if failure.error_type == "OrderCancelled":
        return _("Order %(order)s should become “%(status)s”, but it is cancelled.", order=order, status=wanted)
    if failure.error_type == "OrderNotReady":
        return _("Order %(order)s cannot become “%(status)s” yet.", order=order, status=wanted)
    if product := unknown_product(failure):
        return _(
            "Order %(order)s needs product %(product)s, which Products does not know.", order=order, product=product
        )
    return None


def _of_remedy(failure: Told, remedy: dict[str, Any]) -> str | None:
    order = failure.order_id
    match remedy.get("type"):
        case "stock_decrement":
            return _("The goods of order %(order)s could not be taken from stock.", order=order)
        case "order_status":
            return _(
                "The status of order %(order)s could not be written: %(before)s → %(after)s.",
                order=order, before=order_status(remedy.get("from")), after=order_status(remedy.get("to")),
            )
    if failure.operation == "order.add-product":
        return _("The goods for order %(order)s left the stock, but the product is not in the order yet.", order=order)
    if failure.operation == _SHIPPING:
        return _shipping(failure)
    return _call(failure) if failure.kind == "http" else None


def _shipping(failure: Told) -> str:
    order = failure.order_id
    if failure.error_status is None or failure.error_status >= 500:
        return _("Order %(order)s cannot be shipped: Shipping did not answer, however often it was asked.", order=order)
    if "address" in failure.error_message.casefold():
        return _("Shipping did not take order %(order)s: its address is not valid.", order=order)
    return _("Shipping did not take order %(order)s: its data are not valid.", order=order)


def _call(failure: Told) -> str:
    if failure.error_status == 400:
        return _(
            "Order %(order)s was refused: its data, such as the address, are not valid.", order=failure.order_id
        )
    if failure.error_status is None or failure.error_status >= 500:
        return _("Order %(order)s waits: a service that it needs does not answer.", order=failure.order_id)
    return _("A call for order %(order)s was refused.", order=failure.order_id)


def _unknown(failure: Told) -> str:
    source = service(failure.source)
    if failure.order_id:
        return _(
            "%(source)s reported trouble with order %(order)s (%(operation)s).",
            source=source, order=failure.order_id, operation=failure.operation,
        )
    return _("%(source)s reported trouble (%(operation)s).", source=source, operation=failure.operation)
