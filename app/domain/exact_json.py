"""JSON read strictly and written back exactly: numbers that no double can hold keep their digits."""

import json
import math
import re
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any
from uuid import uuid4

MAX_DEPTH = 64
_LONGEST_INTEGER = 300  # digits; above, Python's own conversion becomes quadratic
_SHORT = 15  # decimal digits that a double surely gives back as they came


class NotJson(ValueError):
    """The text is not JSON; the message names the line and column."""


class TooDeep(ValueError):
    """Arrays and objects are nested deeper than 64."""


class DuplicateKey(ValueError):
    """An object names one key twice, so that nobody can tell which value is meant."""


class BigNumber:
    """A number beyond what a double holds, kept as its own text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"{self.text[:20]}…" if len(self.text) > 20 else self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BigNumber) and _value(self.text) == _value(other.text)

    def __hash__(self) -> int:
        return hash(_value(self.text))


def decode(body: bytes) -> str:
    """Decode UTF-8 without a byte-order mark.

    Raises:
        NotJson: naming the first byte that is not UTF-8.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start}: not valid UTF-8") from error
    if text.startswith("\ufeff"):
        raise NotJson("byte 0: a byte-order mark; JSON is plain UTF-8")
    return text


def loads(body: bytes) -> Any:
    """Parse a body strictly.

    Raises:
        NotJson: it is not UTF-8 or not JSON (NaN and Infinity are not).
        TooDeep: it is nested deeper than 64.
        DuplicateKey: an object names a key twice.
    """
    return parse(decode(body))


def parse(text: str) -> Any:
    """Parse a text as `loads` parses a body."""
    check_depth(text)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error


def check_depth(text: str) -> None:
    """Raise TooDeep when brackets nest deeper than 64; strings are skipped."""
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        _refuse_depth(text)


def _depth(text: str) -> int:
    # Without escaped quotes, every second piece between quotes lies outside of strings.
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    steps = outside.encode("utf-8", "surrogatepass").translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0)


def _refuse_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        mark = bracket.group()
        if mark in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise TooDeep(f"nested deeper than {MAX_DEPTH} at character {bracket.start()}")
        elif mark in "}]":
            depth -= 1


def dumps(value: Any) -> str:
    """Write compact ASCII JSON; every BigNumber with its own digits."""
    try:
        return _PLAIN.encode(value)
    except TypeError:
        return _with_big_numbers(value)


def _with_big_numbers(value: Any) -> str:
    token = uuid4().hex

    def mark(item: Any) -> str:
        if not isinstance(item, BigNumber):
            raise TypeError(f"{type(item).__name__} is not JSON")
        return f"{token}{item.text}"

    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=mark)
    return re.sub(f'"{token}([^"]*)"', r"\1", text)


def same_value(one: bytes, other: bytes, *, ignore: str | None = None) -> bool:
    """Tell whether two bodies are the same JSON value (1 and 1.0 are; true and 1 are not).

    `ignore` names a top-level key that does not count. A body that is not JSON equals only its own bytes.
    """
    if one == other:
        return True
    try:
        left, right = _exact(one), _exact(other)
    except (ValueError, RecursionError):
        return False
    if ignore is not None and isinstance(left, dict) and isinstance(right, dict):
        left.pop(ignore, None)
        right.pop(ignore, None)
    return _equal(left, right)


def _exact(body: bytes) -> Any:
    text = decode(body)
    check_depth(text)
    return json.loads(
        text, parse_int=_value, parse_float=_value, parse_constant=_refuse_constant, object_pairs_hook=_pairs
    )


def _value(digits: str) -> Decimal | tuple[str]:
    """Return a number's exact value; one whose exponent leaves even a Decimal equals its own text alone."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return (digits.lower(),)


def _equal(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


def _refuse_constant(name: str) -> Any:
    raise NotJson(f"{name} is not a JSON number")


def _integer(digits: str) -> int | BigNumber:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else BigNumber(digits)


def _float(digits: str) -> float | BigNumber:
    number = float(digits)
    if len(digits) <= _SHORT and number and math.isfinite(number):
        return number
    return number if _value(repr(number)) == _value(digits) else BigNumber(digits)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKey(key)
            seen.add(key)
    return result


# An unterminated string runs to the end: it must match, or every later quote would start the search again.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)

_NO_BRACKETS = bytes(code for code in range(256) if code not in b"[]{}")
_STEPS = bytes({ord("["): 1, ord("{"): 1}.get(code, 0xFF) for code in range(256))  # 0xFF: -1, as a signed byte
_PLAIN = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))

decoder = json.JSONDecoder(
    parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant, object_pairs_hook=_pairs
)
