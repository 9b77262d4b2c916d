"""Take a batch of reports apart, so that an item that cannot be read spoils no other."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from app.domain import exact_json
from app.domain.report import MAX_BATCH_ITEMS, parse_json
from app.errors import Fault, Invalid

ITEMS = "failures"

Item = tuple[Any, str]
"""An item's value, or the `Invalid` that says why it has none; and the very text that came."""


def split(body: bytes) -> list[Item]:
    """Return the items of a batch in order.

    Raises:
        Malformed: the body is not JSON. Invalid: it is no batch, or holds more than 1,000 items.
    """
    items = _at_once(body)
    if items is not None:
        return items
    with suppress(Invalid):  # which of the items is too deep or ambiguous is told below
        parse_json(body)
    return _one_by_one(exact_json.decode(body))


def _at_once(body: bytes) -> list[Item] | None:
    """Read a batch of nothing but its items, none of them odd, in one go; None where it is any other."""
    items: list[Item] = []
    try:
        text = exact_json.decode(body)
        mark = _BEGIN.match(text)
        while mark is not None and len(items) < MAX_BATCH_ITEMS:
            value, end = exact_json.decoder.raw_decode(text, mark.end())
            item = text[mark.end():end]
            exact_json.check_depth(item)
            items.append((value, item))
            if _END.match(text, end):
                return items
            mark = _NEXT.match(text, end)
    except (ValueError, RecursionError):  # why it cannot be read, the slower way tells
        return None
    return None


def _items(batch: Any) -> list[Any]:
    items = batch.get(ITEMS) if isinstance(batch, dict) else None
    if not isinstance(items, list):
        raise Invalid([Fault(f"/{ITEMS}", "must be an array of reports")])
    if len(items) > MAX_BATCH_ITEMS:
        raise Invalid([Fault(f"/{ITEMS}", f"holds {len(items)} items; up to {MAX_BATCH_ITEMS} are taken")])
    return items


def _one_by_one(text: str) -> list[Item]:
    values = list(_deep_values(text))
    outline = _items(parse_json(_outline(text, values).encode()))
    read = [(_value(text[start:end]), text[start:end]) for start, end in values]
    places = {item[0] for item in outline if isinstance(item, list)}
    if others := [value for place, (value, _) in enumerate(read) if place not in places and isinstance(value, Invalid)]:
        raise others[0]  # beside the items
    return [read[item[0]] if isinstance(item, list) else (item, exact_json.dumps(item)) for item in outline]


def _deep_values(text: str) -> Iterator[tuple[int, int]]:
    """Find the arrays and objects that are items of the outermost object's arrays and objects."""
    depth = start = 0
    for found in _NEXT_BRACKET.finditer(text):
        if found[1] in "[{":
            depth += 1
            start = found.start(1) if depth == _DEPTH else start
        else:
            if depth == _DEPTH:
                yield start, found.end()
            depth -= 1


def _outline(text: str, values: list[tuple[int, int]]) -> str:
    """Write `[0]`, `[1]` and so on instead of the values: what is left is neither deep nor ambiguous."""
    pieces, position = [], 0
    for place, (start, end) in enumerate(values):
        pieces += [text[position:start], f"[{place}]"]
        position = end
    return "".join([*pieces, text[position:]])


def _value(text: str) -> Any:
    try:
        return parse_json(text.encode())
    except Invalid as error:
        return error


_BEGIN = re.compile(r'[ \t\n\r]*\{[ \t\n\r]*"failures"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*')
_NEXT = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_END = re.compile(r"[ \t\n\r]*\][ \t\n\r]*\}[ \t\n\r]*\Z")

_DEPTH = 3  # the batch, its array, an item

# Runs over strings and all else up to the next bracket; possessive, so that no text makes it go back.
_NEXT_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
