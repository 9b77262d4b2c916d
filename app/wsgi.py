"""The application as a WSGI server calls it."""

import io
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

from app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST_BODY = 8 * 1024 * 1024 + 1  # one byte more than any route takes, so that "too large" can be told
IN_PIECES = 64 * 1024


def application() -> "WSGIApplication":
    """Build the application from the environment's settings."""
    return OneAtATime(create_app().wsgi_app)


class OneAtATime:
    """Takes bodies in side by side, then lets one request after another through.

    Many threads that write one SQLite file wait for its lock in naps, and their slowest are many times slower than
    one thread's; but with one thread a client that sends its body slowly would hold up all others.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._turn = Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _declared(environ) < LARGEST_BODY:  # what declares more is refused without being read
            environ["wsgi.input"] = _read(environ["wsgi.input"].read)
        with self._turn:
            return self._application(environ, start_response)


def _declared(environ: "WSGIEnvironment") -> int:
    try:
        return int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _read(read: Callable[[int], bytes]) -> io.BytesIO:
    body = io.BytesIO()
    while body.tell() < LARGEST_BODY and (piece := read(IN_PIECES)):
        body.write(piece)
    body.seek(0)
    return body
