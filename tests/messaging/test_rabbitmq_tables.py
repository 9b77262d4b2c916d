"""Headers survive the wire exactly, and no header of anybody can stop a connection."""

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pika import spec

from messaging import Message, Refused
from messaging.rabbitmq.properties import Properties
from messaging.rabbitmq.tables import decode, encode
from messaging.rabbitmq.translating import to_message, to_properties
from storage import utcnow

NAMES = some.text(some.characters(codec="utf-8"), max_size=60)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**63 - 1) | some.text(some.characters(codec="utf-8"))
    | some.floats(allow_nan=False, allow_infinity=False),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(NAMES, inner, max_size=4), max_leaves=20,
)


@given(some.dictionaries(NAMES, VALUES, max_size=6))
def test_every_plain_table_is_read_as_it_was_written(table: dict[str, Any]) -> None:
    written = encode(table)
    assert decode(b"before" + written + b"after", 6) == (table, 6 + len(written))


@given(some.dictionaries(NAMES, VALUES, max_size=3), NAMES, NAMES)
def test_properties_survive_the_wire(headers: dict[str, Any], content_type: str, message_id: str) -> None:
    sent = Message(b"", message_id, content_type, {f"own-{name}": value for name, value in headers.items()})
    read = Properties().decode(b"".join(to_properties(sent, utcnow()).encode()))
    assert to_message(read, b"") == sent


def test_pika_makes_the_properties_of_what_arrives_by_our_class() -> None:
    assert spec.props[spec.BasicProperties.INDEX] is Properties


@pytest.mark.parametrize(("value", "read"), [
    (b"d" + struct.pack(">d", math.nan), "nan"),
    (b"d" + struct.pack(">d", -math.inf), "-inf"),
    (b"d" + struct.pack(">d", 0.1), 0.1),
    (b"f" + struct.pack(">f", 0.5), 0.5),
    (b"T" + struct.pack(">Q", 1_764_000_000), "2025-11-24T16:00:00Z"),
    (b"T" + struct.pack(">Q", 2**64 - 1), 2**64 - 1),
    (b"D" + struct.pack(">Bi", 2, -314), "-3.14"),
    (b"D" + struct.pack(">Bi", 255, 1), "1E-255"),
    (b"b" + b"\xff", -1), (b"B" + b"\xff", 255), (b"s" + b"\xff\xfe", -2), (b"u" + b"\xff\xfe", 65534),
    (b"I" + b"\xff" * 4, -1), (b"i" + b"\xff" * 4, 2**32 - 1), (b"l" + b"\xff" * 8, -1), (b"L" + b"\xff" * 8, -1),
    (b"x" + struct.pack(">I", 2) + b"\x00\xff", {"base64": "AP8="}),
    (b"S" + struct.pack(">I", 1) + b"\xff", {"base64": "/w=="}),
    (b"t\x01", True), (b"V", None),
    (b"A" + struct.pack(">I", 3) + b"Vt\x00", [None, False]),
    (b"?what follows", {"base64": "P3doYXQgZm9sbG93cw=="}),
])
def test_odd_values_are_read_as_json(value: bytes, read: Any) -> None:
    table = b"\x04name" + value
    assert decode(struct.pack(">I", len(table)) + table, 0) == ({"name": read}, 4 + len(table))
    json.dumps(read, allow_nan=False)


def test_what_is_nested_too_deeply_is_kept_as_it_came() -> None:
    value = b"V"
    for _level in range(20_000):
        value = b"A" + struct.pack(">I", len(value)) + value
    headers, _end = decode(struct.pack(">I", 2 + len(value)) + b"\x01n" + value, 0)
    level = headers["n"]
    while isinstance(level, list):
        [level] = level
    assert level.keys() == {"base64"}


def test_a_name_that_is_not_text_is_still_a_name() -> None:
    assert decode(struct.pack(">I", 3) + b"\x01\xffV", 0)[0] == {"\\xff": None}


def _nested(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _level in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize("message", [
    Message(b"", headers={"object": object()}),
    Message(b"", headers={"bytes": b""}),
    Message(b"", headers={"number": 2**63}),
    Message(b"", headers={"surrogate": "\ud800"}),
    Message(b"", headers={"n" * 256: 1}),
    Message(b"", headers={"nested": _nested(70)}),
    Message(b"", headers={"nested": {"nested": _nested(2_000)}}),
    Message(b"", headers={"long": "x" * 130_000}),
    Message(b"", message_id="x" * 256),
    Message(b"", message_id="\ud800"),
    Message(b"", content_type="x" * 256),
])
def test_what_cannot_travel_is_refused(message: Message) -> None:
    with pytest.raises(Refused):
        to_properties(message, utcnow())
