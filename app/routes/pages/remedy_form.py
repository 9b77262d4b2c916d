"""A remedy as a form, and back: the same fields are shown, and taken from what was typed."""

import base64
import copy
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain import exact_json
from app.domain.bodies import json_body
from app.domain.masking import masked
from app.routes.pages.remedy_fields import HIDDEN, PREFIX, Field, Path, as_text, as_typed, field_of, leaves, put
from app.routes.pages.remedy_rows import lines_of, typed_lines
from messaging import ORDER_CREATED

MOST_FIELDS = 200
_ORDER_PATHS: tuple[Path, ...] = (("orderId",), ("body", "orderId"))


def editable(remedy: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy to edit: a base64 body that holds a JSON object becomes that object, under `body`."""
    shown = copy.deepcopy(dict(remedy))
    body = json_body(shown) if "bodyBase64" in shown else None
    if body is not None:
        del shown["bodyBase64"]
        shown["body"] = body
    if _ships(shown) and isinstance(shown.get("body") or {}, dict):
        shown["body"] = {"shippingAddress": ""} | (shown.get("body") or {})
    if unreadable_items(remedy) is not None:
        shown["body"]["items"] = []
    return shown


def _ships(remedy: Mapping[str, Any]) -> bool:
    return remedy.get("type") == "http_request" and str(remedy.get("path", "")).endswith("/ship")


def unreadable_items(remedy: Mapping[str, Any]) -> str | None:
    """Return what an order has where its items should be, so that they are put in anew; None where they are fine."""
    body = json_body(remedy)
    if remedy.get("queue") != ORDER_CREATED or body is None or lines_of({"body": body}) is not None:
        return None
    return as_text(masked(body.get("items", "")))


def fields(remedy: Mapping[str, Any], form: Mapping[str, str] | None = None) -> list[Field]:
    """List a remedy's values, what can be changed first; `form` holds what was typed already."""
    shown = editable(remedy)
    listed = []
    for path, value in _single(shown):
        listed.append(field_of(shown, path, value, form))
        if len(listed) == MOST_FIELDS:
            break
    return sorted(listed, key=lambda field: field.locked)


def order_field(remedy: Mapping[str, Any]) -> str | None:
    """Name the input that holds the order's number, None where the form has none."""
    places = {path for path, _ in _single(editable(remedy))}
    return next((PREFIX + "/" + "/".join(map(str, path)) for path in _ORDER_PATHS if path in places), None)


def corrected(remedy: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the remedy with what was typed, or None when nothing was changed.

    Only values that the form shows unlocked are taken; each keeps its JSON type where the text allows it.

    Raises:
        Invalid: a quantity cannot be used.
    """
    shown = editable(remedy)
    edited = copy.deepcopy(shown)
    for path, value in _single(shown):
        field = field_of(shown, path, value, None)
        typed = form.get(field.name, field.value)
        if not field.locked and typed.replace("\r\n", "\n") != field.value:
            put(edited, path, as_typed(typed, value))
    if lines := lines_of(shown):
        put(edited, lines.path, typed_lines(shown, lines, form))
    return None if edited == shown else _as_stored(remedy, edited)


def _single(shown: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Walk over the values that have an input of their own; lines have rows instead."""
    lines = lines_of(shown)
    for path, value in leaves(shown):
        if path[0] not in HIDDEN and (lines is None or path[: len(lines.path)] != lines.path):
            yield path, value


def _as_stored(remedy: Mapping[str, Any], edited: dict[str, Any]) -> dict[str, Any]:
    if "bodyBase64" in remedy and "body" in edited:
        edited["bodyBase64"] = base64.b64encode(exact_json.dumps(edited.pop("body")).encode()).decode()
    elif "body" not in remedy and edited.get("body") == {"shippingAddress": ""}:
        del edited["body"]
    return edited
