"""An order's records laid side by side, beside what a failure tells of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.comparing import COMPARED, TAKEN, Line, side_by_side
from app.domain.effects import components_of
from app.queries.failure_detail import FailureDetail
from app.queries.order_records import Found, Record

TOLD = "failure"  # the column of what the failure tells
_COLUMNS = (("orders", "order"), ("warehouse", "operations"), ("inventory", "reservation"), ("shipping", "shipment"))


@dataclass(frozen=True)
class Column:
    """One source, and what came of asking it."""

    source: str
    found: Found


@dataclass(frozen=True)
class Comparison:
    """A table: a column for each source, a line for each field."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def differs(self) -> bool:
        """Tell whether any two sources disagree."""
        return any(line.differs for line in self.lines)


    @property
    def is_known(self) -> bool:
        """Tell whether any service knows the order."""
        return any(column.found == Found.FOUND and column.source != TOLD for column in self.columns)

    def held_by(self, source: str, name: str) -> Any:
        """Return what one source has of a field, None where it has nothing."""
        places = [place for place, column in enumerate(self.columns) if column.source == source]
        cells = [line.cells[place] for line in self.lines if line.name == name for place in places]
        return cells[0].value if cells else None


def compared(records: Sequence[Record], told: Mapping[str, Any] | None = None) -> Comparison:
    """Compare what each service holds, and what a failure tells where one is given."""
    by_place = {(record.source, record.what): record for record in records}
    shown = [by_place[place] for place in _COLUMNS if place in by_place]
    known: dict[str, Mapping[str, Any] | None] = {record.source: _held(record) for record in shown}
    columns = [Column(record.source, record.found) for record in shown]
    if told:
        known = {TOLD: told, **known}
        columns.insert(0, Column(TOLD, Found.FOUND))
    return Comparison(tuple(columns), tuple(side_by_side(known)))


def told_by(detail: FailureDetail) -> dict[str, Any]:
    """Gather what a failure tells of its order: its report, the payload, the remedy's body."""
    fields = detail.sent.fields
    places = [place for place in (fields.get("payload"), (detail.remedy or {}).get("body"), fields)
              if isinstance(place, dict)]
    told = {name: place[name] for place in reversed(places) for name in COMPARED if place.get(name) is not None}
    return told if detail.row.client_id is None else told | {"clientId": detail.row.client_id}


def silent(records: Sequence[Record]) -> list[str]:
    """Name the services that could not be asked."""
    return sorted({record.source for record in records if record.found == Found.NOT_REACHABLE})


def _held(record: Record) -> Mapping[str, Any] | None:
    if record.found == Found.NOT_REACHABLE:
        return None
    if record.what == "operations":
        return {TAKEN: _taken(record.record or [])}
    return record.record if isinstance(record.record, dict) else {}


def _taken(operations: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Add up the components that were taken from the stock."""
    total: Counter[str] = Counter()
    for operation in operations:
        for row in components_of(operation["kind"], operation["effect"]):
            total[row["componentId"]] += row["quantity"]
    return dict(sorted(total.items()))
