"""Take a batch of reports apart, so that an item that cannot be read spoils no other."""

import json
import re
from collections.abc import Iterator
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
    try:
        return _at_once(body)
    except Invalid:
        return _one_by_one(exact_json.decode(body))  # slower, but it tells which item is too deep or ambiguous


def _at_once(body: bytes) -> list[Item]:
    items = _items(parse_json(body))
    return list(zip(items, _texts(body.decode()), strict=True)) if items else []


def _items(batch: Any) -> list[Any]:
    items = batch.get(ITEMS) if isinstance(batch, dict) else None
    if not isinstance(items, list):
        raise Invalid([Fault(f"/{ITEMS}", "must be an array of reports")])
    if len(items) > MAX_BATCH_ITEMS:
        raise Invalid([Fault(f"/{ITEMS}", f"holds {len(items)} items; up to {MAX_BATCH_ITEMS} are taken")])
    return items


def _texts(text: str) -> list[str]:
    """Find the items' texts in a batch that is known to be well-formed."""
    scan = _EXTENT.raw_decode
    skip = json.decoder.WHITESPACE.match  # type: ignore[attr-defined]

    def after_space(position: int) -> int:
        return int(skip(text, position).end())

    position = after_space(after_space(0) + 1)  # past the opening brace
    while True:
        name, position = scan(text, position)
        position = after_space(after_space(position) + 1)  # past the colon
        if name == ITEMS:
            break
        _, position = scan(text, position)
        position = after_space(after_space(position) + 1)  # past the comma
    texts = []
    while text[position] != "]":
        position = after_space(position + 1)
        _, end = scan(text, position)
        texts.append(text[position:end])
        position = after_space(end)
    return texts


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


_EXTENT = json.JSONDecoder(parse_int=len, parse_float=len)  # for where a value ends, not for what it is

_DEPTH = 3  # the batch, its array, an item

# Runs over strings and all else up to the next bracket; possessive, so that no text makes it go back.
_NEXT_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
