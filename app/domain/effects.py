"""Read back what a marker says was applied."""

from typing import Any

from app.domain import exact_json


def parsed(effect: str | None) -> dict[str, Any]:
    """Return an effect as the object that it is; an empty one where it cannot be read."""
    try:
        held = exact_json.parse(effect or "")
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def components_of(kind: str, effect: str | None) -> list[dict[str, Any]]:
    """Return the components that a stock decrement took, nothing for any other effect."""
    held = parsed(effect).get("components") if kind == "stock_decrement" else None
    return [row for row in held if _is_component(row)] if isinstance(held, list) else []


def _is_component(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("componentId"), str) and isinstance(row.get("quantity"), int)
