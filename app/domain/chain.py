"""The chain of the audit: the hash of each entry covers the hash of the one before.

The form of what is hashed is fixed for ever: entries that are stored were hashed by it.
"""

import json
from collections.abc import Mapping
from datetime import UTC
from hashlib import sha256
from typing import Any

BEGINNING = "0" * 64  # what the first entry has before it
FIELDS = ("actor", "action", "failure_id", "subject", "reason", "before", "after")


def link(previous: str, entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry that follows `previous`; its `before` and `after` are JSON as it is stored."""
    at = entry["at"].astimezone(UTC).isoformat(timespec="microseconds")
    covered = [previous, at, *(entry[name] for name in FIELDS)]
    return sha256(json.dumps(covered).encode()).hexdigest()
