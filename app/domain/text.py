"""Make hostile text storable and showable."""

import re
from typing import Any

REPLACEMENT = "\ufffd"
CUT_MARK = " …[cut]"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Replace NUL and lone surrogates, which no database column takes, by U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def cut(text: str, length: int) -> str:
    """Shorten a text to `length` characters, with a mark where something is missing."""
    return text if len(text) <= length else text[: length - len(CUT_MARK)] + CUT_MARK


def clean_value(value: Any) -> Any:
    """Clean every string of a parsed JSON value, keys too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_value(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean_value(item) for key, item in value.items()}
    return value
