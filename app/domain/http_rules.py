"""What an `http_request` remedy may say: no address, header or path that leaves its registered target."""

import re
from urllib.parse import unquote

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PATH = re.compile(r"/[!-~]*\Z")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_HEADER_VALUE = re.compile(r"(?![\t ])[\t -~\x80-\xff]*\Z")
_RESERVED_HEADERS = frozenset(
    (
        "host", "content-length", "cookie", "authorization", "connection", "keep-alive", "te", "trailer",
        "trailers", "transfer-encoding", "upgrade", "idempotency-key", "expect",
    )
)


def path_fault(path: str) -> str | None:
    """Tell what is wrong with a path, or None.

    Source of the rules: contract, section 3 (one leading `/`, printable ASCII, no `//`, `\\`, authority, dots).
    """
    if not _PATH.match(path):
        return "must begin with one / and hold printable ASCII only"
    location = path.split("?", 1)[0].split("#", 1)[0]
    seen = location
    for _ in range(3):  # an encoded dot may itself be encoded
        if "//" in seen or "\\" in seen:
            return "must hold neither // nor a backslash"
        if "@" in seen:
            return "must hold no @"
        if any(part in (".", "..") for part in re.split(r"[/;]", seen)):
            return "must hold no dot segments"
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in seen):
            return "must hold no control characters"
        decoded = unquote(seen)
        if decoded == seen:
            return None
        seen = decoded
    return "is encoded more than twice"


def header_fault(name: str, value: str) -> str | None:
    """Tell what is wrong with a header, or None."""
    if not _TOKEN.match(name):
        return "is not a header name"
    known_as = name.lower().replace("_", "-")  # gateways that know headers as variables cannot tell the two apart
    if known_as in _RESERVED_HEADERS or known_as.startswith("proxy-"):
        return "may not be set"
    if not _HEADER_VALUE.match(value):
        return "begins with a space, or holds a line break or another character that no header takes"
    return None
