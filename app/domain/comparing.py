"""One order as each service knows it: which values agree, and which do not. Pure comparison."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STANDARD = "orders"  # whose word counts where services disagree: there the order was made
LARGEST_AMOUNT = 1e15  # up to here a double holds every cent
COMPARED = ("clientId", "amount", "items", "shippingAddress")
TAKEN = "taken"  # components by name, which only the Warehouse has

# A reservation makes an order "reserved", and only then is it paid and shipped.
_WITH_RESERVATION = ("reserved", "paid", "shipping", "delivered")


@dataclass(frozen=True)
class Cell:
    """What one service has of one field; None: nothing."""

    value: Any = None
    differs: bool = False


@dataclass(frozen=True)
class Line:
    """One field, with a cell for each service."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Tell whether any service disagrees."""
        return any(cell.differs for cell in self.cells)


Known = Mapping[str, Mapping[str, Any] | None]
"""What each source has of an order: nothing where it was asked in vain, None where it could not be asked."""


def side_by_side(known: Known) -> list[Line]:
    """Lay out what each source has of an order, in this order; fields that none of them has are left out."""
    lines = [_statuses(known), *(_line(name, known) for name in (*COMPARED, TAKEN))]
    return [line for line in lines if any(cell.value not in (None, "", [], {}) for cell in line.cells)]


def items_of(items: object) -> dict[str, int | float]:
    """Add an order's lines up, by product; what is no such line is passed over."""
    total: Counter[str] = Counter()
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("productId"), str):
            quantity = item.get("quantity", 1)
            total[item["productId"]] += quantity if isinstance(quantity, int) else 0
    return dict(sorted(total.items()))


def is_amount(value: object) -> bool:
    """Tell whether a value can be read as an amount of money: any JSON may stand where one is expected."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < LARGEST_AMOUNT  # false for NaN and infinity too


def _line(name: str, known: Known) -> Line:
    values = {source: (record or {}).get(name) for source, record in known.items()}
    held = {source: value for source, value in values.items() if value not in (None, "")}
    standard = held.get(STANDARD, next(iter(held.values()), None))
    return Line(name, tuple(
        Cell(value, differs=source in held and not _agree(name, value, standard)) for source, value in values.items()
    ))


def _agree(name: str, one: Any, other: Any) -> bool:
    if name == "items":
        return items_of(one) == items_of(other)
    if name == "amount" and is_amount(one) and is_amount(other):
        return abs(float(one) - float(other)) < 0.005
    return _plain(one) == _plain(other)


def _plain(value: object) -> str:
    return " ".join(re.findall(r"\w+", str(value).casefold()))


def _statuses(known: Known) -> Line:
    odd = _odd({source: record.get("status") for source, record in known.items() if record is not None})
    return Line("status", tuple(Cell((record or {}).get("status"), source in odd) for source, record in known.items()))


def _odd(statuses: Mapping[str, Any]) -> list[str]:
    """Name the services whose status does not fit the others'; each counts in words of its own."""
    order, reservation, shipment = (statuses.get(name) for name in (STANDARD, "inventory", "shipping"))
    odd = []
    if order is not None and (reservation or shipment) and order not in _WITH_RESERVATION:
        odd.append(STANDARD)
    if "inventory" in statuses and shipment and reservation != "shipping":
        odd.append("inventory")
    if "shipping" in statuses and reservation == "shipping" and not shipment:
        odd.append("shipping")
    return odd
