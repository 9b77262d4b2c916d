"""Bodies that no service should ever send, and that some will: each is answered or kept, and never chokes us."""

import gzip
import json
from typing import Any

from tests.factories import report

MEBIBYTE = 1024 * 1024
DEEP = 200_000


def _holding(value: str) -> bytes:
    """Return a valid report whose payload is this piece of JSON text."""
    return json.dumps(report(payload="PLACE")).replace('"PLACE"', value).encode()


def _of_size(size: int) -> bytes:
    bare = len(json.dumps(report(payload="")).encode())
    return json.dumps(report(payload="x" * (size - bare))).encode()


def _field(**changes: Any) -> bytes:
    return json.dumps(report(**changes)).encode()


def _error(**changes: Any) -> bytes:
    return _field(error={"type": "OperationalError", "message": "database is locked"} | changes)


# Not JSON at all: 400 over REST.
MALFORMED: dict[str, bytes] = {
    "empty": b"", "one space": b" ", "a word": b"oops", "an opening brace": b"{", "a lone quote": b'"',
    "a trailing comma": b'{"a": 1,}', "single quotes": b"{'a': 1}", "a comment": b'{"a": 1} // why',
    "two values": b"{}{}", "a value and garbage": b"{} x", "NaN": _holding("NaN"), "Infinity": _holding("Infinity"),
    "minus Infinity": _holding("-Infinity"), "NaN inside an array": _holding("[1, NaN]"),
    "invalid UTF-8": b'{"a": "\xff\xfe"}', "overlong UTF-8": b'{"a": "\xc0\xaf"}', "raw surrogate": b'"\xed\xa0\x80"',
    "UTF-16": json.dumps(report()).encode("utf-16"), "UTF-32": json.dumps(report()).encode("utf-32"),
    "byte-order mark": b"\xef\xbb\xbf" + json.dumps(report()).encode(), "a raw NUL": b'{"a": "\x00"}',
    "a raw line break in a string": b'{"a": "\n"}', "binary": bytes(range(256)),
    "gzip": gzip.compress(json.dumps(report()).encode()), "a leading zero": _holding("007"),
    "hexadecimal": _holding("0x1f"),
    "a plus sign": _holding("+1"), "a bare point": _holding(".5"), "a half escape": _holding(r'"\u12"'),
    "an unknown escape": _holding(r'"\x41"'), "an open string": b'{"a": "' + b"x" * 100_000,
    "closing brackets only": b"]" * DEEP, "half-open arrays after a string": b'"' + b"[" * DEEP,
    "XML": b"<failure/>", "an HTTP request": b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "a pickle": b"\x80\x04K\x01.",
}

# JSON, but no report: 422 over REST, and the place is named.
INVALID: dict[str, bytes] = {
    "null": b"null", "true": b"true", "a number": b"1", "a string": b'"x"', "an array": b"[]", "an empty object": b"{}",
    "deep arrays": b"[" * DEEP + b"]" * DEEP, "deep objects": b'{"":' * DEEP + b"1" + b"}" * DEEP,
    "unclosed deep arrays": b"[" * DEEP, "deeper than 64": _holding("[" * 64 + "]" * 64),
    "a key twice": b'{"source": "warehouse", "source": "orders"}', "a key twice, deep": _holding('[{"a": 1, "a": 1}]'),
    "no source": _field(source=None), "an empty source": _field(source=""), "a long source": _field(source="x" * 256),
    "a number as source": _field(source=1), "an unknown kind": _field(kind="carrier pigeon"),
    "a list as kind": _field(kind=[]),
    "error as text": _field(error="it broke"), "error without type": _field(error={"message": "x"}),
    "error with a null message": _error(message=None), "a word as error status": _error(status="500"),
    "true as error status": _error(status=True), "a long orderId": _field(orderId="9" * 256),
    "a number as orderId": _field(orderId=536365), "a date without a zone": _field(occurredAt="2026-11-22T01:02:03"),
    "a date of nonsense": _field(shipBy="tomorrow"),
    "a date before the calendar": _field(shipBy="0001-01-01T00:00:00+14:00"),
    "a number as date": _field(occurredAt=1_700_000_000), "a word as review": _field(review="yes"),
    "remedy as text": _field(remedy="fix it"), "remedy without type": _field(remedy={}),
    "remedy of an unknown type": _field(remedy={"type": "exorcism"}), "remedy as array": _field(remedy=[1]),
}

# Strange, but a report: taken, and kept to the byte.
TAKEN: dict[str, bytes] = {
    "NUL": _holding(r'"a\u0000b"'), "a lone surrogate": _holding(r'"\ud800"'),
    "surrogates reversed": _holding(r'"\udc00\ud800"'),
    "NUL in a key": _holding(r'{"\u0000": 1}'), "NUL in orderId": _field(orderId="5363\x0065"),
    "a surrogate in clientId": json.dumps(report()).replace('"17850"', r'"\udfff"').encode(),
    "NUL in the message": _error(message="a\x00b"), "NUL in the error's type": _error(type="Type\x00Error"),
    "a 6,000-digit integer": _holding("9" * 6000), "a 6,000-digit fraction": _holding("0." + "1" * 6000),
    "1e999": _holding("1e999"), "an endless exponent": _holding("1e" + "9" * 30), "minus 1e999": _holding("-1e999"),
    "minus zero": _holding("-0"), "a 301-digit status": _error(status=10**300), "a 6,000-digit status": json.dumps(
        report(error={"type": "T", "message": "m", "status": 7777})).replace("7777", "7" * 6000).encode(),
    "exactly 64 deep": _holding("[" * 63 + "]" * 63), "one mebibyte": _of_size(MEBIBYTE),
    "a long message": _error(message="x" * 200_000), "a long error type": _error(type="T" * 5_000),
    "HTML": _error(message="<script>alert(1)</script><img src=x onerror=alert(1)>"),
    "htmx": _error(message='<button hx-get="/steal" hx-trigger="load">'),
    "a formula": _error(message='=cmd|"/C calc"!A0'),
    "right-to-left override": _error(message="\u202egnp.exe"),
    "CRLF in the message": _error(message="a\r\nSet-Cookie: b=c"),
    "CRLF in traceparent": _field(traceparent="00-a\r\nX: y"), "a word as traceparent": _field(traceparent="мусор"),
    "unknown fields": _field(colour="red", nested={"deep": [1, 2]}),
    "Cyrillic": _error(message="база данных заблокирована"),
    "emoji": _error(message="🪑💥"), "null everywhere": _field(orderId=None, clientId=None, payload=None, remedy=None),
    "an empty orderId": _field(orderId=""), "spaces around": b" \r\n\t" + _field() + b"\n ",
    "an empty message": _error(message=""),
    "the unit separator in the source": _field(source="ware\x1fhouse"),
    "10,000 keys": _field(payload=dict.fromkeys(map(str, range(10_000)))),
    "the sentinel of our own JSON writer": _holding('"' + "0" * 32 + '1"'),
    "prototype": _field(__proto__={"admin": True}),
}
