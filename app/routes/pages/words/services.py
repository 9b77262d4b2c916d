"""The shop's services by the names that people know them by."""

import re
from collections.abc import Iterable

from flask_babel import lazy_gettext as _

from app.routes.languages import translate

_SERVICES = {
    "orders": _("Orders"), "payments": _("Payments"), "warehouse": _("Warehouse"), "products": _("Products"),
    "inventory": _("Inventory"), "shipping": _("Shipping"), "failure": _("This failure"),
    "desk": _("this desk"),
    "orders-db": _("the database of Orders"), "warehouse-db": _("the database of the Warehouse"),
}
_NUMBERED = re.compile(r"(?P<service>[a-z]+)-(?P<number>\d+)")


def service(name: str) -> str:
    """Return a service's name in the reader's language; an unknown one as it is."""
    if name in _SERVICES:
        return str(_SERVICES[name])
    numbered = _NUMBERED.fullmatch(name)
    if numbered and numbered["service"] in _SERVICES:
        return translate("%(service)s %(number)s", service=_SERVICES[numbered["service"]], number=numbered["number"])
    return name


def names(services: Iterable[str]) -> str:
    """List services by their names."""
    return ", ".join(map(service, services))
