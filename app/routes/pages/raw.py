"""Payloads as text, for people who look closely."""

import base64
import json
from typing import Any

from app.domain.text import clean


def pretty(value: Any) -> str:
    """Write a (masked) JSON value over several lines."""
    return clean(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def body_text(body_base64: str) -> str:
    """Write a message's body as text, or as hexadecimal digits where it is none."""
    body = base64.b64decode(body_base64)
    try:
        return clean(body.decode("utf-8"))
    except UnicodeDecodeError:
        return body.hex(" ")
