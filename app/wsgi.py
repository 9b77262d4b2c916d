"""The application as a WSGI server calls it: static files, then so many requests at a time."""

import gc
import io
import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise

from app import create_app
from app.routes.errors import STORE_AWAY
from app.routes.headers import A_YEAR, CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from wsgiref.headers import Headers

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST_BODY = 8 * 1024 * 1024 + 1  # one byte more than any route takes, so that "too large" can be told
IN_PIECES = 64 * 1024
UNMARKED_SECONDS = 60
SIDE_BY_SIDE = 8  # in each process: while they wait for PostgreSQL's disk, it commits several at once
INTAKE = ("/api/v1/failures", "/api/v1/failures/batch")


def application() -> "WSGIApplication":
    """Build the application from the environment's settings."""
    app = create_app()
    folder = app.static_folder
    assert folder is not None
    gc.freeze()  # what is here now stays: no collection need look through it again
    at_once = 1 if app.extensions["desk"].store.is_sqlite else SIDE_BY_SIDE
    return static_files(InTurn(app.wsgi_app, at_once), folder)


def static_files(application: "WSGIApplication", folder: str) -> "WSGIApplication":
    """Serve `/static/` from `folder`, compressed where a `.gz` lies beside; what is asked for with `v=` for a year."""
    serve = partial(
        WhiteNoise, application, root=folder, prefix="/static/", add_headers_function=_forbid, allow_all_origins=False
    )
    unmarked = serve(max_age=UNMARKED_SECONDS)
    marked = serve(max_age=A_YEAR, immutable_file_test=lambda _path, _url: True)

    def choose(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chosen = marked if environ.get("QUERY_STRING", "").startswith("v=") else unmarked
        return chosen(environ, start_response)  # type: ignore[no-any-return]

    return choose


def _forbid(headers: "Headers", _path: str, _url: str) -> None:
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"


class InTurn:
    """Takes bodies in side by side, then lets `at_once` requests through at a time.

    Many threads that write one SQLite file wait for its lock in naps, and their slowest are many times slower than
    one thread's; but with one thread a client that sends its body slowly would hold up all others. Reports have
    turns of their own: pages that wait for another system must not hold them up.
    When the store fails one request after a long wait, those that waited behind it are not made to wait again.
    """

    def __init__(
        self, application: "WSGIApplication", at_once: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._application = application
        self._now = now
        self._reports, self._others = BoundedSemaphore(at_once), BoundedSemaphore(at_once)
        self._store_failed_at = -math.inf

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _declared(environ) < LARGEST_BODY:  # what declares more is refused without being read
            environ["wsgi.input"] = _read(environ["wsgi.input"].read)
        arrived = self._now()
        with self._turn(environ):
            if self._store_failed_at > arrived:
                environ[STORE_AWAY] = True
                return self._application(environ, start_response)
            answer = self._application(environ, start_response)
            if environ.get(STORE_AWAY):
                self._store_failed_at = self._now()
            return answer

    def _turn(self, environ: "WSGIEnvironment") -> BoundedSemaphore:
        reports = environ.get("REQUEST_METHOD") == "POST" and environ.get("PATH_INFO") in INTAKE
        return self._reports if reports else self._others


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
