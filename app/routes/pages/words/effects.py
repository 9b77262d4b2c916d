"""What was applied in a service's database, in words."""

from collections.abc import Mapping
from typing import Any

from app.domain import exact_json
from app.routes.languages import translate as _
from app.routes.pages.words.labels import order_status
from app.routes.pages.words.machine import said


def effect(kind: str, text: str | None) -> str:
    """Say what a marker's effect was; what is not one of ours as it is."""
    if kind == "tombstone":
        return _("Closed by a person: nothing is written under this operation any more.")
    held = _parsed(text)
    match kind:
        case "stock_decrement" if isinstance(held.get("components"), list):
            return ", ".join(_taken(row) for row in held["components"] if isinstance(row, dict))
        case "order_status" if "to" in held:
            return f"{order_status(held.get('from'))} → {order_status(held['to'])}"
    return said(text)


def _taken(row: Mapping[str, Any]) -> str:
    return f"{row.get('componentId')} −{row.get('quantity')}"


def _parsed(text: str | None) -> dict[str, Any]:
    try:
        held = exact_json.parse(text or "")
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}
