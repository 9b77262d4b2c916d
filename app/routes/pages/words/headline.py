"""What happened, in one sentence, and what to do about it."""

import re
from enum import StrEnum
from typing import Any, Protocol

from app.routes.languages import translate as _
from app.routes.pages.words.labels import order_status


class Told(Protocol):
    """What a failure tells about itself."""

    @property
    def source(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def error_type(self) -> str: ...
    @property
    def error_message(self) -> str: ...
    @property
    def error_status(self) -> int | None: ...
    @property
    def order_id(self) -> str | None: ...


Remedy = dict[str, Any] | None

_SCARCE = re.compile(r"not.?enough|insufficient|out.?of.?stock", re.IGNORECASE)
_PRODUCT = re.compile(r"\bproduct '?([^\s']+)", re.IGNORECASE)
_OWN_QUEUES = ("failures.intake", "failures.confirmations")


class Step(StrEnum):
    """What a person would try first."""

    FIND = "find"
    CORRECT = "correct"
    LOOK = "look"
    BY_HAND = "by_hand"
    RETRY = "retry"


def headline(failure: Told, remedy: Remedy) -> str:
    """Say in one sentence what happened."""
    if failure.order_id and is_scarce(failure):
        return _("There are not enough goods in stock for order %(order)s.", order=failure.order_id)
    if failure.kind == "message":
        return _message(failure)
    if not failure.order_id:
        return _unknown(failure)
    return _of_order(failure, remedy or {}) or _of_remedy(failure, remedy or {}) or _unknown(failure)


def step(failure: Told, remedy: Remedy) -> Step:
    """Propose what to try first."""
    if is_lost(failure):
        return Step.FIND
    if failure.error_status == 400:
        return Step.CORRECT
    if not remedy or failure.error_type == "OrderCancelled":
        return Step.BY_HAND
    return Step.LOOK if failure.error_type == "rejected" else Step.RETRY


def suggestion(failure: Told, remedy: Remedy) -> str:
    """Say in a few words what to try first."""
    match step(failure, remedy):
        case Step.FIND:
            return _("Find the right order")
        case Step.CORRECT:
            return _("Correct the data and send again")
        case Step.LOOK:
            return _("Look at the message")
        case Step.BY_HAND:
            return _("Put right by hand")
    return _("Restock, then send again") if is_scarce(failure) else _("Try again")


def is_scarce(failure: Told) -> bool:
    """Tell whether goods are lacking."""
    return bool(_SCARCE.search(failure.error_type) or _SCARCE.search(failure.error_message))


def is_lost(failure: Told) -> bool:
    """Tell whether the order that is meant is not where it should be."""
    return failure.error_type == "OrderNotFound"


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
    return _unknown_product(failure)


def _unknown_product(failure: Told) -> str | None:
    named = _PRODUCT.search(failure.error_message)
    if failure.error_status != 404 or named is None:
        return None
    return _(
        "Order %(order)s needs product %(product)s, which Products does not know.",
        order=failure.order_id, product=named[1],
    )


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
        return _("A product could not be added to order %(order)s.", order=order)
    if failure.kind == "http":
        return _call(failure)
    return None


def _call(failure: Told) -> str:
    if failure.error_status == 400:
        return _(
            "Order %(order)s was refused: its data, such as the address, are not valid.", order=failure.order_id
        )
    if failure.error_status is None or failure.error_status >= 500:
        return _("Order %(order)s waits: a service that it needs does not answer.", order=failure.order_id)
    return _("A call for order %(order)s was refused.", order=failure.order_id)


def _message(failure: Told) -> str:
    if failure.operation in _OWN_QUEUES:
        return _("A message to this desk (%(queue)s) could not be read.", queue=failure.operation)
    named = {"order": failure.order_id, "queue": failure.operation}
    if failure.order_id:
        match failure.error_type:
            case "expired":
                return _("Nobody took the message about order %(order)s from %(queue)s in time.", **named)
            case "delivery_limit":
                return _("The message about order %(order)s on %(queue)s failed every time.", **named)
        return _("The message about order %(order)s on %(queue)s was refused.", **named)
    if failure.error_type == "expired":
        return _("Nobody took a message from %(queue)s in time.", **named)
    return _("A message on %(queue)s could not be read.", **named)


def _unknown(failure: Told) -> str:
    if failure.order_id:
        return _(
            "%(source)s reported trouble with order %(order)s (%(operation)s).",
            source=failure.source, order=failure.order_id, operation=failure.operation,
        )
    return _("%(source)s reported trouble (%(operation)s).", source=failure.source, operation=failure.operation)
