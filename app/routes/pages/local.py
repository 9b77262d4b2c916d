"""Where a form leads to: never off this site."""

from urllib.parse import urlsplit


def local_page(wanted: str | None, otherwise: str = "/") -> str:
    """Return `wanted` when it is a path on this site, else `otherwise`.

    A browser reads `\\` as `/` and drops tabs and line ends, so that `/\\evil.example` leaves the site too.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return otherwise
    if "\\" in wanted or not wanted.isprintable():
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted
