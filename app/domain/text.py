"""Make hostile text storable and showable."""

import re
from typing import Any

REPLACEMENT = "\ufffd"
CUT_MARK = " …[cut]"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# C0 but tab and line feed, DEL, C1; zero-width characters, marks of direction and overrides of it, the byte order mark
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def clean(text: str) -> str:
    """Replace NUL and lone surrogates, which no database column takes, by U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def cut(text: str, length: int) -> str:
    """Shorten a text to `length` characters, with a mark where something is missing."""
    return text if len(text) <= length else text[: length - len(CUT_MARK)] + CUT_MARK


def visible(text: str) -> str:
    """Write what cannot be seen as it would be escaped: control characters, and those that turn or hide text.

    Line breaks and tabs stay; ASCII control characters become their pictures (U+2400 and after).
    """
    return _UNSEEN.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{code:04x}"


def clean_value(value: Any) -> Any:
    """Clean every string of a parsed JSON value, keys too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_value(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean_value(item) for key, item in value.items()}
    return value
