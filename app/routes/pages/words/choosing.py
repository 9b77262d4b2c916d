"""What stands beside the inputs of a fix form."""

from collections.abc import Mapping, Sequence

from app.routes.languages import translate as _


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


def could_not_ask(services: Sequence[str]) -> str:
    """Say who could not be asked."""
    return _("Could not be asked just now: %(services)s.", services=", ".join(services))
