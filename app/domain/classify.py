"""Which failures have one cause: a versioned fingerprint."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from app.domain.text import cut

VERSION = 1

_VOLATILE = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I), "<id>"),
    (re.compile(r"0x[0-9a-f]+", re.I), "<hex>"),
    (re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\"|«[^»]{0,200}»"), "<…>"),
    (re.compile(r"\b[A-Za-z]*\d[\w.:-]*"), "<n>"),
)


@dataclass(frozen=True)
class Fingerprint:
    """What failures with one cause have in common; `digest` is the group's key."""

    version: int
    digest: str
    title: str


def fingerprint(source: str, operation: str, kind: str, error_type: str, message: str) -> Fingerprint:
    """Reduce a failure to its cause: identifiers, numbers and quoted values of the message do not count."""
    return _reduced(source, operation, kind, error_type, message[:500])


@lru_cache(maxsize=1000)  # in a storm, the same words come again and again
def _reduced(source: str, operation: str, kind: str, error_type: str, message: str) -> Fingerprint:
    pattern = _pattern(message)
    key = "\x1f".join((str(VERSION), source, operation, kind, error_type, pattern))
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
    return Fingerprint(VERSION, digest, cut(f"{error_type}: {pattern}" if pattern else error_type, 255))


def _pattern(message: str) -> str:
    for volatile, mark in _VOLATILE:
        message = volatile.sub(mark, message)
    return " ".join(message.split())[:200]
