"""What a failure tells about itself, as far as its words need it."""

import re
from typing import Any, Protocol


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
    @property
    def reason(self) -> str | None: ...


Remedy = dict[str, Any] | None

_SCARCE = re.compile(r"not.?enough|insufficient|out.?of.?stock", re.IGNORECASE)
_SHORTAGE = re.compile(r"product (?P<product>.+?): (?P<needed>\d+) needed, (?P<available>\d+) available")
_REFUSED = re.compile(r"Not enough of (?P<product>.+?): (?P<needed>\d+) needed, (?P<available>-?\d+) in stock\.")
_PRODUCT = re.compile(r"\bproduct '?([^\s']+)", re.IGNORECASE)


def is_scarce(failure: Told) -> bool:
    """Tell whether goods are lacking."""
    told = failure.error_type, failure.error_message
    return any(map(_SCARCE.search, told)) or was_too_little(failure)


def was_too_little(failure: Told) -> bool:
    """Tell whether the last try found too little in stock."""
    return bool(_REFUSED.search(failure.reason or ""))


def is_lost(failure: Told) -> bool:
    """Tell whether the order that is meant is not where it should be."""
    return failure.error_type == "OrderNotFound"


def shortage(failure: Told) -> dict[str, str] | None:
    """Return which product is lacking, how many are needed and available, where the failure tells."""
    found = _REFUSED.search(failure.reason or "") or _SHORTAGE.search(failure.error_message)
    return found.groupdict() if found else None


def unknown_product(failure: Told) -> str | None:
    """Return the product that Products does not know, None where that is not what went wrong."""
    named = _PRODUCT.search(failure.error_message)
    return named[1] if named and failure.error_status == 404 else None
