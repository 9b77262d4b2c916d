"""The JSON that a remedy would send, whichever way it is kept."""

import base64
from collections.abc import Mapping
from typing import Any

from app.domain import exact_json

IDENTITY = ("operationId", "eventId")  # by which a receiver tells a repeat


def json_body(remedy: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the object in a remedy's `body` or `bodyBase64`; None where there is none, or it is no JSON object."""
    body = remedy.get("body")
    if isinstance(remedy.get("bodyBase64"), str):
        try:
            body = exact_json.loads(base64.b64decode(remedy["bodyBase64"]))
        except (ValueError, RecursionError):
            return None
    return body if isinstance(body, dict) else None


def order_named(remedy: Mapping[str, Any]) -> str | None:
    """Return the order that a remedy acts on, None where it names none."""
    named = [place.get("orderId") for place in (remedy, json_body(remedy) or {})]
    return next((order for order in named if isinstance(order, str) and order), None)


def carries_identity(remedy: Mapping[str, Any]) -> bool:
    """Tell whether what a remedy sends names its operation or event, so that its receiver can tell a repeat."""
    return any(name in (json_body(remedy) or {}) for name in IDENTITY)
