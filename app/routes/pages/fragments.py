"""The parts of a page that refresh themselves: sent only when they have changed."""

from hashlib import sha256

from flask import Response, request


def is_poll() -> bool:
    """Tell whether htmx asks for a part of the page."""
    return "HX-Request" in request.headers


def answer(html: str) -> Response:
    """Answer a part of a page, or 304 when the browser shows it already.

    htmx keeps the tag by itself (its `ptag` extension): a browser's cache would hide the 304 from it.
    """
    tag = sha256(html.encode()).hexdigest()[:32]
    if request.headers.get("HX-PTag") == tag or tag in request.if_none_match:
        response = Response(status=304)
    else:
        response = Response(html, mimetype="text/html")
    response.set_etag(tag)
    response.headers["HX-PTag"] = tag
    return response
