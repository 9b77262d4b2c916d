"""A remedy as a form: one labelled input per value, and back; what is locked never comes from the browser."""

import base64
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain import exact_json
from app.domain.masking import masked
from app.domain.remedy import LOCKED_FIELDS, ORDER_STATUSES
from app.routes.pages.words.fields import label

MOST_FIELDS = 200
_SYSTEM_FIELDS = {"http_request": ("method", "path", "headers"), "publish_message": ("queue", "headers", "contentType")}
_HIDDEN = ("type",)
_LONG = ("shippingAddress",)
_PREFIX = "remedy:"
ORDER_FIELD = f"{_PREFIX}/orderId"

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Field:
    """One value of a remedy: `name` is the input's, `pointer` where it stands, `old` what is stored."""

    name: str
    pointer: str
    label: str
    value: str
    old: str
    locked: bool
    long: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComponentRow:
    """One component and its quantity, side by side."""

    component: Field
    quantity: Field


def editable(remedy: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy to edit: a base64 body that holds a JSON object becomes that object, under `body`."""
    shown = copy.deepcopy(dict(remedy))
    body = _json_body(shown.get("bodyBase64"))
    if body is not None:
        del shown["bodyBase64"]
        shown["body"] = body
    if shown.get("type") == "http_request" and str(shown.get("path", "")).endswith("/ship"):
        shown["body"] = {"shippingAddress": ""} | (shown.get("body") or {})
    return shown


def fields(remedy: Mapping[str, Any], form: Mapping[str, str] | None = None) -> list[Field]:
    """List a remedy's values, what can be changed first; `form` holds what was typed already."""
    shown = editable(remedy)
    listed = []
    for path, value in _leaves(shown):
        if path[0] in _HIDDEN or path[0] == "components":
            continue
        listed.append(_field(shown, path, value, form))
        if len(listed) == MOST_FIELDS:
            break
    return sorted(listed, key=lambda field: field.locked)


def component_rows(remedy: Mapping[str, Any], form: Mapping[str, str] | None = None) -> list[ComponentRow]:
    """List the components of a stock decrement, and one empty row for one more."""
    if remedy.get("type") != "stock_decrement":
        return []
    rows = [*remedy["components"], {"componentId": "", "quantity": ""}]
    return [
        ComponentRow(*(
            _field(remedy, ("components", index, name), row.get(name, ""), form) for name in ("componentId", "quantity")
        ))
        for index, row in enumerate(rows)
    ]


def corrected(remedy: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the remedy with what was typed, or None when nothing was changed.

    Only values that the form shows unlocked are taken; each keeps its JSON type where the text allows it.
    """
    shown = editable(remedy)
    edited = copy.deepcopy(shown)
    for field, path, value in _unlocked(shown):
        typed = form.get(field.name, field.value)
        if typed.replace("\r\n", "\n") != field.value:
            _put(edited, path, _typed(typed, value))
    if "components" in edited:
        edited["components"] = _components(remedy, form)
    if edited == shown:
        return None
    return _as_stored(remedy, edited)


def _unlocked(shown: dict[str, Any]) -> Iterator[tuple[Field, Path, Any]]:
    for path, value in _leaves(shown):
        field = _field(shown, path, value, None)
        if not field.locked and path[0] not in (*_HIDDEN, "components"):
            yield field, path, value


def _components(remedy: Mapping[str, Any], form: Mapping[str, str]) -> list[dict[str, Any]]:
    kept = []
    for index, row in enumerate(component_rows(remedy, form)):
        if not row.component.value.strip():
            continue  # emptied: this component is taken out
        old = remedy["components"][index] if index < len(remedy["components"]) else {}
        kept.append({**old, "componentId": row.component.value.strip(), "quantity": _typed(row.quantity.value, 0)})
    return kept


def _field(remedy: Mapping[str, Any], path: Path, value: Any, form: Mapping[str, str] | None) -> Field:
    pointer = "/" + "/".join(str(part) for part in path)
    name = _PREFIX + pointer
    shown = _shown(path, value)
    text = old = _text(shown)
    kind = remedy.get("type", "")
    locked = (
        path[0] in (*LOCKED_FIELDS.get(kind, ()), *_SYSTEM_FIELDS.get(kind, ()))
        or isinstance(value, (dict, list)) or shown != value
    )
    if form is not None and not locked:
        text = form.get(name, text)
    choices = ORDER_STATUSES if kind == "order_status" and path in (("from",), ("to",)) else ()
    long = path[-1] in _LONG or len(text) > 60 or "\n" in text
    return Field(name, pointer, label(path), text, old, locked, long, choices)


def _shown(path: Path, value: Any) -> Any:
    """Mask a value as the whole remedy is masked: by every key above it, and by what it looks like."""
    for part in reversed(path):
        value = {part: value} if isinstance(part, str) else [value]
    shown = masked(value)
    while isinstance(shown, (dict, list)) and shown and path:
        shown = next(iter(shown.values())) if isinstance(shown, dict) else shown[0]
        path = path[1:]
    return shown


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif path:
        yield path, value


def _put(container: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        container = container[part]
    container[path[-1]] = value


def _text(value: Any) -> str:
    return value.replace("\r\n", "\n") if isinstance(value, str) else exact_json.dumps(value)


def _typed(text: str, old: Any) -> Any:
    if isinstance(old, str):
        return text
    try:
        return exact_json.parse(text.strip())
    except ValueError:
        return text  # the remedy's own check says what is wrong with it


def _json_body(encoded: object) -> dict[str, Any] | None:
    if not isinstance(encoded, str):
        return None
    try:
        body = exact_json.loads(base64.b64decode(encoded))
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _as_stored(remedy: Mapping[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    if "bodyBase64" in remedy and "body" in edited:
        edited["bodyBase64"] = base64.b64encode(exact_json.dumps(edited.pop("body")).encode()).decode()
    elif "body" not in remedy and edited.get("body") == {"shippingAddress": ""}:
        del edited["body"]
    return edited
