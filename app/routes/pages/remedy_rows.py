"""The lines of a remedy (components to take, items of an order) as rows of two inputs: what, and how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, repeat
from typing import Any

from app.domain.shortage import Stock, what_is_there
from app.errors import Fault, Invalid
from app.routes.pages.remedy_fields import PREFIX, Field, Path, as_typed, at, field_of

QUANTITY = "quantity"
BLANK_ROWS = 3  # where there is no line yet


@dataclass(frozen=True)
class Lines:
    """Where the lines of a remedy stand, and what each of them names."""

    path: Path
    key: str

    @property
    def are_components(self) -> bool:
        """Tell whether they name components, rather than products."""
        return self.key == "componentId"


@dataclass(frozen=True)
class Row:
    """One line: the thing and its quantity, side by side; `named` is the thing's id, also where it is masked."""

    thing: Field
    quantity: Field
    named: str

    @property
    def wanted(self) -> tuple[str, int]:
        """Return what is typed: the thing, and how many (0 for what is no number)."""
        return self.named, _number(self.quantity.value)

    @property
    def stored(self) -> tuple[str, int]:
        """Return what is stored: the thing, and how many."""
        return self.thing.old.strip(), _number(self.quantity.old)


def _number(text: str) -> int:
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 12 else 0


def lines_of(remedy: Mapping[str, Any]) -> Lines | None:
    """Find the lines of an editable remedy; None where it has none."""
    for lines in (Lines(("components",), "componentId"), Lines(("body", "items"), "productId")):
        held = at(remedy, lines.path)
        if isinstance(held, list) and all(
            isinstance(row, dict) and isinstance(row.get(lines.key), str) for row in held
        ):
            return lines
    return None


def rows(remedy: Mapping[str, Any], form: Mapping[str, str] | None = None) -> list[Row]:
    """List an editable remedy's lines, those that were typed below them, and empty rows for more."""
    lines = lines_of(remedy)
    if lines is None:
        return []
    held = [*at(remedy, lines.path)]
    number = len(held) + _added(lines, len(held), form or {}) + (1 if held else BLANK_ROWS)
    empty = {lines.key: "", QUANTITY: ""}
    return [
        _row(remedy, lines, index, old, form)
        for index, old in zip(range(number), chain(held, repeat(empty)), strict=False)
    ]


def _row(
    remedy: Mapping[str, Any], lines: Lines, index: int, old: Mapping[str, Any], form: Mapping[str, str] | None
) -> Row:
    thing, quantity = (
        field_of(remedy, (*lines.path, index, name), old.get(name, ""), form) for name in (lines.key, QUANTITY)
    )
    # What is masked is locked: its mask must not be taken for it.
    untouched = thing.locked or thing.value == thing.old
    return Row(thing, quantity, old.get(lines.key, "") if untouched else thing.value.strip())


def _added(lines: Lines, first: int, form: Mapping[str, str]) -> int:
    """Count the lines that were typed without a gap below the last one that is there."""
    stem = PREFIX + "/" + "/".join(map(str, lines.path))
    return next(number for number in count() if not form.get(f"{stem}/{first + number}/{lines.key}", "").strip())


def typed_lines(remedy: Mapping[str, Any], lines: Lines, form: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the lines as they were typed; an emptied one is taken out.

    Raises:
        Invalid: of an order's items, which no remedy checks, none is left, or a quantity is no positive whole number.
    """
    held, kept, faults = at(remedy, lines.path), [], []
    for index, row in enumerate(rows(remedy, form)):
        if not row.named.strip():
            continue
        old = held[index] if index < len(held) else {}
        line = {**old, lines.key: row.named}
        if not row.quantity.locked and (row.quantity.value or QUANTITY in old or not old):
            line[QUANTITY] = as_typed(row.quantity.value, 0)
            if not lines.are_components and not _is_quantity(line[QUANTITY]):
                faults.append(Fault(f"/remedy{row.quantity.pointer}", "should be greater than 0"))
        kept.append(line)
    if held and not kept and not lines.are_components:
        faults.append(Fault("/remedy/" + "/".join(map(str, lines.path)), "List should have at least 1 item"))
    if faults:
        raise Invalid(faults)
    return kept


def _is_quantity(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def limited(shown: Sequence[Row], stock: Stock) -> dict[str, str]:
    """Return what to type for taking only what is there: inputs by name."""
    given = what_is_there([row.wanted for row in shown], stock)
    typed: dict[str, str] = {}
    for row, number in zip(shown, given, strict=True):
        if row.thing.value.strip():
            typed |= {row.quantity.name: str(number), row.thing.name: row.thing.value if number else ""}
    return typed


def in_full(remedy: Mapping[str, Any]) -> dict[str, str]:
    """Return what to type for taking all that was asked for: inputs by name."""
    return {field.name: field.old for row in rows(remedy) for field in (row.thing, row.quantity)}
