"""One value of a remedy as a labelled input, and back; what is locked never comes from the browser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain import exact_json
from app.domain.bodies import IDENTITY
from app.domain.masking import masked
from app.domain.remedy import LOCKED_FIELDS, ORDER_STATUSES
from app.routes.pages.words.fields import label

PREFIX = "remedy:"
HIDDEN = ("type", "doneWith")
_SYSTEM_FIELDS = {"http_request": ("method", "path", "headers"), "publish_message": ("queue", "headers", "contentType")}
# Whose order it is, and when it was made, is not what fails when a product is added to it.
_OF_THE_ORDER, _ADDITION = ("clientId", "orderDate", "status"), "/products"
_LONG = ("shippingAddress",)

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


def field_of(remedy: Mapping[str, Any], path: Path, value: Any, form: Mapping[str, str] | None) -> Field:
    """Describe one value; `form` holds what was typed already."""
    pointer = "/" + "/".join(str(part) for part in path)
    name = PREFIX + pointer
    shown = _shown(path, value)
    text = old = as_text(shown)
    kind = remedy.get("type", "")
    locked = _is_locked(remedy, path) or isinstance(value, (dict, list)) or shown != value
    if form is not None and not locked:
        text = form.get(name, text)
    choices = ORDER_STATUSES if kind == "order_status" and path in (("from",), ("to",)) else ()
    long = path[-1] in _LONG or len(text) > 60 or "\n" in text
    return Field(name, pointer, label(path), text, old, locked, long, choices)


def _is_locked(remedy: Mapping[str, Any], path: Path) -> bool:
    kind = remedy.get("type", "")
    if path[0] in (*LOCKED_FIELDS.get(kind, ()), *_SYSTEM_FIELDS.get(kind, ())) or path[-1] in IDENTITY:
        return True  # another operation or event would take effect twice
    return path[-1] in _OF_THE_ORDER and str(remedy.get("path", "")).endswith(_ADDITION)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Walk over every value that is no container, and every empty container, with its path."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif path:
        yield path, value


def at(container: Any, path: Path) -> Any:
    """Return what stands under a path, None where there is nothing."""
    for part in path:
        container = container.get(part) if isinstance(container, Mapping) else None
    return container


def put(container: Any, path: Path, value: Any) -> None:
    """Write a value under a path that exists."""
    for part in path[:-1]:
        container = container[part]
    container[path[-1]] = value


def as_text(value: Any) -> str:
    """Write a value as an input shows it."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else exact_json.dumps(value)


def as_typed(text: str, old: Any) -> Any:
    """Read an input back with the JSON type of the value before, where the text allows it."""
    if isinstance(old, str):
        return text
    try:
        return exact_json.parse(text.strip())
    except ValueError:
        return text  # the remedy's own check says what is wrong with it


def _shown(path: Path, value: Any) -> Any:
    """Mask a value as the whole remedy is masked: by every key above it, and by what it looks like."""
    for part in reversed(path):
        value = {part: value} if isinstance(part, str) else [value]
    shown = masked(value)
    while isinstance(shown, (dict, list)) and shown and path:
        shown = next(iter(shown.values())) if isinstance(shown, dict) else shown[0]
        path = path[1:]
    return shown
