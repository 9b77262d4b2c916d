"""What to take when not all of it is there: pure counting."""

from collections.abc import Mapping, Sequence

Wanted = Sequence[tuple[str, int]]
Stock = Mapping[str, int | None]
"""How many there are; None for what the stock does not know."""


def is_short(wanted: Wanted, stock: Stock) -> bool:
    """Tell whether something is known to be lacking."""
    return too_little(wanted, stock) is not None


def too_little(wanted: Wanted, stock: Stock) -> str | None:
    """Say what is known to be lacking first, in the words of a remedy's result; None where nothing is."""
    lines = zip(wanted, what_is_there(wanted, stock), strict=True)
    return next((not_enough(name, quantity, given)
                 for (name, quantity), given in lines if name in stock and given < quantity), None)


def not_enough(name: str, needed: int, available: int) -> str:
    """Say that there is too little of a thing."""
    return f"Not enough of {name}: {needed} needed, {available} in stock."


def what_is_there(wanted: Wanted, stock: Stock) -> list[int]:
    """Return for each line as much of it as there is; lines of one thing share its stock in their order."""
    left = dict(stock)
    given = []
    for name, quantity in wanted:
        there = left.get(name) or 0
        given.append(max(0, min(quantity, there)))
        left[name] = there - given[-1]
    return given
