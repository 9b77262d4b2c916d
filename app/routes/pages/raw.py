"""Payloads as text, for people who look closely."""

import base64
import codecs
import json
from typing import Any

from app.domain.text import clean, cut, visible

BEGINNING = 4_000  # characters of a body in a list
LINE = 16  # bytes


def pretty(value: Any) -> str:
    """Write a (masked) JSON value over several lines; it may be edited and sent back."""
    return clean(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def readable(value: Any) -> str:
    """Write a (masked) JSON value over several lines, for reading alone: nothing in it stays unseen."""
    return visible(pretty(value))


def body_text(body_base64: str) -> str:
    """Write a message's body as text, or in hexadecimal digits beside its letters where it is none."""
    return _text(base64.b64decode(body_base64), whole=True)


def body_beginning(body_base64: str) -> str:
    """Write the beginning of a message's body as `body_text` does."""
    read = 8 * BEGINNING  # digits of base64: six bytes to a character, of which UTF-8 needs up to four
    return cut(_text(base64.b64decode(body_base64[:read]), whole=len(body_base64) <= read), BEGINNING)


def _text(body: bytes, *, whole: bool) -> str:
    try:
        return visible(codecs.getincrementaldecoder("utf-8")().decode(body, final=whole))
    except UnicodeDecodeError:
        return "\n".join(_line(body[start:start + LINE]) for start in range(0, len(body), LINE))


def _line(part: bytes) -> str:
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
    return f"{part.hex(' '):<{3 * LINE - 1}}  {letters}"
