"""Keyset cursors: where a page ended, as an opaque text that is checked when it comes back."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from app.errors import Fault, Invalid

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A part of a list, and where the next part begins (None: this was the last)."""

    items: tuple[Item, ...]
    next_cursor: str | None


def encode(*key: datetime | str | int | None) -> str:
    """Write the key of a page's last row as a cursor."""
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type, nullable: int = 0) -> list[Any]:
    """Read a cursor back, one value of each of `kinds`; the first `nullable` of them may be None.

    Raises:
        Invalid: it is not a cursor of this list.
    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list):
            raise ValueError("not a list")
        return [
            None if part is None and place < nullable else _part(part, kind)
            for place, (part, kind) in enumerate(zip(parts, kinds, strict=True))
        ]
    except (ValueError, RecursionError, binascii.Error) as error:
        raise Invalid([Fault("/cursor", "is not a cursor of this list")]) from error


def cut(rows: Sequence[Any], limit: int, *key: str) -> tuple[Sequence[Any], str | None]:
    """Split `limit` rows from the one more that was read, and name the place after them by its `key` columns."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], encode(*(getattr(last, column) for column in key))


def _part(part: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(part if isinstance(part, str) else "")
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment
    if type(part) is not kind:
        raise ValueError("another type")
    if (isinstance(part, str) and not part.isprintable()) or (isinstance(part, int) and abs(part) >= 2**63):
        raise ValueError("no key of a row")
    return part
