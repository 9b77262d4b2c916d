"""What happened to a message that came back, in one sentence about its order."""

from typing import Any

from app.domain.bodies import json_body
from app.routes.languages import translate as _
from app.routes.pages.words.labels import order_status
from app.routes.pages.words.told import Told
from messaging import ORDER_CREATED, STATUS

_OWN_QUEUES = ("failures.intake", "failures.confirmations")


def headline(failure: Told, remedy: dict[str, Any]) -> str:
    """Say in one sentence what became of a message."""
    if failure.operation in _OWN_QUEUES:
        return _("A message to this desk (%(queue)s) could not be read.", queue=failure.operation)
    if failure.order_id:
        if failure.operation == STATUS:
            return _of_status(failure, json_body(remedy) or {})
        if failure.operation == ORDER_CREATED:
            return _of_order(failure)
        return _of_any(failure)
    if failure.error_type == "expired":
        return _("Nobody took a message from %(queue)s in time.", queue=failure.operation)
    return _("A message on %(queue)s could not be read.", queue=failure.operation)


def _of_status(failure: Told, body: dict[str, Any]) -> str:
    order, wanted = failure.order_id, body.get("to")
    if wanted == "paid":
        told = _("Order %(order)s was paid, but Orders does not know it yet", order=order)
    elif isinstance(wanted, str):
        told = _("Order %(order)s should become “%(status)s”, but Orders does not know it yet", order=order,
                 status=order_status(wanted))
    else:
        told = _("Orders did not get the message about order %(order)s", order=order)
    return f"{told}: {_why(failure)}."


def _of_order(failure: Told) -> str:
    told = _("Order %(order)s was made, but Inventory has not reserved the goods", order=failure.order_id)
    return f"{told}: {_why(failure)}."


def _of_any(failure: Told) -> str:
    told = _("The message about order %(order)s on %(queue)s came back", order=failure.order_id,
             queue=failure.operation)
    return f"{told}: {_why(failure)}."


def _why(failure: Told) -> str:
    match failure.error_type:
        case "expired":
            return _("nobody took the message in time")
        case "delivery_limit":
            return _("it failed at every try")
        case "rejected":
            return _("the message could not be read")
    return _("the message was refused")
