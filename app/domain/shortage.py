"""What to take when not all of it is there: pure counting."""

from collections.abc import Mapping, Sequence

Wanted = Sequence[tuple[str, int]]
Stock = Mapping[str, int | None]
"""How many there are; None for what the stock does not know."""


def is_short(wanted: Wanted, stock: Stock) -> bool:
    """Tell whether something is known to be lacking."""
    return any(name in stock and given < quantity
               for (name, quantity), given in zip(wanted, what_is_there(wanted, stock), strict=True))


def what_is_there(wanted: Wanted, stock: Stock) -> list[int]:
    """Return for each line as much of it as there is; lines of one thing share its stock in their order."""
    left = dict(stock)
    given = []
    for name, quantity in wanted:
        there = left.get(name) or 0
        given.append(max(0, min(quantity, there)))
        left[name] = there - given[-1]
    return given
