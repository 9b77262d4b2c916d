"""What stands beside the inputs of a fix form."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.bodies import carries_identity
from app.domain.remedy import DATABASE_REMEDIES
from app.routes.languages import translate as _
from app.routes.pages.words.labels import order_status


def in_stock(name: str, stock: Mapping[str, int | None], wanted: int = 0) -> str:
    """Say how much of a thing there is, and whether that is too little; nothing where nobody could be asked."""
    if not name or name not in stock:
        return ""
    number = stock[name]
    if number is None:
        return _("not known to the stock")
    return _("only %(number)s in stock", number=number) if number < wanted else _("%(number)s in stock", number=number)


def parts(product: str, needed: Mapping[str, int] | None) -> str:
    """Say what a product needs, or that Products does not know it."""
    if needed is None:
        return _("Products does not know %(product)s: it would be refused again.", product=product)
    listed = ", ".join(f"{component} × {quantity}" for component, quantity in needed.items())
    return _("Products knows %(product)s; it needs %(parts)s.", product=product, parts=listed)


def is_there(status: str, wanted: str) -> str:
    """Say that an order has the status already that it is to get, or a later one."""
    if wanted == "paid":
        return _("It is “%(status)s” already: if it is the right one, it may have been paid twice.",
                 status=order_status(status))
    return _("It is “%(status)s” already: nothing would be written.", status=order_status(status))


def could_not_ask(services: Sequence[str]) -> str:
    """Say who could not be asked."""
    return _("Could not be asked just now: %(services)s.", services=", ".join(services))


def once(remedy: Mapping[str, Any]) -> str:
    """Say whether trying again could take effect twice."""
    if remedy.get("type") in DATABASE_REMEDIES:
        return _("However often it is tried, it takes effect once.")
    if carries_identity(remedy):
        return _("It carries the number of its operation, so that its receiver does it once, however often it comes.")
    return _("The receiver is given the same number each time; only it can tell a repeat.")
