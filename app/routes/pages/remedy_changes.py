"""What a person corrected in a remedy, value by value."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.queries.failure_detail import EventRow
from app.routes.pages.remedy_fields import HIDDEN, as_text, leaves
from app.routes.pages.remedy_form import editable
from app.routes.pages.words.fields import label


class Change(NamedTuple):
    """A value by its label, as it was and as it is; empty for what was added or taken out."""

    label: str
    old: str
    new: str


def changes(event: EventRow) -> list[Change]:
    """List what an entry of the history corrected."""
    old, new = _values(event.before), _values(event.after)
    return [Change(label(path), old.get(path, ""), new.get(path, ""))
            for path in {**old, **new} if old.get(path) != new.get(path)]


def _values(told: Any) -> dict[tuple[str | int, ...], str]:
    remedy = told.get("remedy") if isinstance(told, Mapping) else None
    if not isinstance(remedy, Mapping):
        return {}
    return {path: as_text(value) for path, value in leaves(editable(remedy)) if path[0] not in HIDDEN}
