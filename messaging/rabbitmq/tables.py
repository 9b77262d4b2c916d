"""AMQP tables, as headers travel in, read and written without a loss and without an exception on odd ones.

pika cuts doubles to integers, cannot write them, and raises on NaN, on a date after the year 9999 and on deep
nesting: one such header of a foreign client would end the connection, and come again on the next, for ever.
Source: section 4.2.1 of AMQP 0-9-1 as https://www.rabbitmq.com/amqp-0-9-1-errata amends it.
"""

import math
import struct
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

DEEPEST = 64
NUMBERS = {
    b"b": ">b", b"B": ">B", b"s": ">h", b"U": ">h", b"u": ">H", b"I": ">i", b"i": ">I", b"l": ">q", b"L": ">q",
    b"f": ">f", b"d": ">d",
}


def encode(table: Mapping[str, Any], room: int = DEEPEST) -> bytes:
    """Write a table of plain JSON values.

    Raises:
        TypeError, ValueError: a value is not JSON, a number too large, a name too long, or the nesting too deep.
    """
    if room == 0:
        raise ValueError("nested too deeply")
    return _long(b"".join(_name(name) + _value(value, room) for name, value in table.items()))


def decode(encoded: bytes, start: int, room: int = DEEPEST) -> tuple[dict[str, Any], int]:
    """Read the table at `start` as plain JSON values; tells too where it ends."""
    table: dict[str, Any] = {}
    place, end = _extent(encoded, start)
    while place < end:
        name, place = encoded[place + 1:place + 1 + encoded[place]], place + 1 + encoded[place]
        table[name.decode(errors="backslashreplace")], place = _read(encoded, place, end, room)
    return table, end


def _value(value: object, room: int) -> bytes:
    match value:
        case None:
            return b"V"
        case bool():
            return b"t" + bytes([value])
        case int():
            return _integer(value)
        case float():
            return b"d" + struct.pack(">d", value)
        case str():
            return b"S" + _long(value.encode())
        case Mapping():
            return b"F" + encode(value, room - 1)
        case list() | tuple() if room > 1:
            return b"A" + _long(b"".join(_value(item, room - 1) for item in value))
        case list() | tuple():
            raise ValueError("nested too deeply")
    raise TypeError(f"{type(value).__name__} is not JSON")


def _integer(value: int) -> bytes:
    try:
        return b"I" + struct.pack(">i", value) if -(2**31) <= value < 2**31 else b"l" + struct.pack(">q", value)
    except struct.error as error:
        raise ValueError("an integer has more than 64 bits") from error


def _name(name: object) -> bytes:
    if not isinstance(name, str):
        raise TypeError("the name of a header is not text")
    written = name.encode()
    if len(written) > 255:
        raise ValueError("the name of a header is longer than 255 bytes")
    return bytes([len(written)]) + written


def _long(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _extent(encoded: bytes, start: int) -> tuple[int, int]:
    (size,) = struct.unpack_from(">I", encoded, start)
    return start + 4, start + 4 + size


def _read(encoded: bytes, start: int, limit: int, room: int) -> tuple[Any, int]:
    kind, start = encoded[start:start + 1], start + 1
    if kind in NUMBERS:
        (number,) = struct.unpack_from(NUMBERS[kind], encoded, start)
        return _finite(number), start + struct.calcsize(NUMBERS[kind])
    if kind in b"SxAF":
        place, end = _extent(encoded, start)
        content = encoded[place:end]
        if kind == b"F" and room > 1:
            return decode(encoded, start, room - 1)[0], end
        if kind == b"A" and room > 1:
            return _items(encoded, place, end, room - 1), end
        return _text(content) if kind == b"S" else _bytes(content), end
    match kind:
        case b"V":
            return None, start
        case b"t":
            return encoded[start] != 0, start + 1
        case b"T":
            return _moment(*struct.unpack_from(">Q", encoded, start)), start + 8
        case b"D":
            scale, unscaled = struct.unpack_from(">Bi", encoded, start)
            return str(Decimal(unscaled).scaleb(-scale)), start + 5
    return _bytes(encoded[start - 1:limit]), limit  # of an unknown kind not even the length is known


def _items(encoded: bytes, place: int, end: int, room: int) -> list[Any]:
    items = []
    while place < end:
        item, place = _read(encoded, place, end, room)
        items.append(item)
    return items


def _finite(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)  # JSON has no NaN


def _text(content: bytes) -> str | dict[str, str]:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _bytes(content)


def _bytes(content: bytes) -> dict[str, str]:
    return {"base64": b64encode(content).decode()}


def _moment(seconds: int) -> str | int:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return seconds
