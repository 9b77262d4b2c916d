"""The application as the server calls it."""

import gzip
import io
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from app.routes.errors import STORE_AWAY
from app.wsgi import LARGEST_BODY, InTurn, static_files


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


class Endless(io.RawIOBase):
    """A body that never ends; remembers how much was taken of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * size


def test_a_body_arrives_whole() -> None:
    body = bytes(range(256)) * 1000
    assert Client(InTurn(echo, 1)).post("/", data=body).data == body


def test_a_body_without_an_end_is_read_to_just_over_the_limit() -> None:
    endless = Endless()
    environ = {"wsgi.input": endless, "REQUEST_METHOD": "POST"}
    assert len(b"".join(InTurn(echo, 1)(environ, lambda *_: None))) >= LARGEST_BODY
    assert endless.taken < LARGEST_BODY + 1024 * 1024


def test_a_body_that_declares_too_much_is_left_to_be_refused_unread() -> None:
    endless = Endless()
    seen = []

    def refuse(environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    InTurn(refuse, 1)({"wsgi.input": endless, "CONTENT_LENGTH": str(LARGEST_BODY)}, lambda *_: None)
    assert seen == [endless]
    assert endless.taken == 0


def test_a_slow_body_does_not_keep_the_next_request_waiting() -> None:
    arrived, go_on = threading.Event(), threading.Event()

    class Slow(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            arrived.set()
            go_on.wait(10)
            return b""

    application = InTurn(echo, 1)
    slow = threading.Thread(target=application, args=({"wsgi.input": Slow()}, lambda *_: None))
    slow.start()
    assert arrived.wait(10)
    assert Client(application).post("/", data=b"quick").data == b"quick"
    go_on.set()
    slow.join(10)


def test_the_application_runs_one_request_at_a_time() -> None:
    inside: list[int] = []
    most: list[int] = []
    entered = threading.Barrier(2)

    def watch(_environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        inside.append(1)
        most.append(len(inside))
        try:
            entered.wait(0.3)  # breaks when the other one is kept outside
        except threading.BrokenBarrierError:
            entered.reset()
        inside.pop()
        return []

    application = InTurn(watch, 1)
    threads = [
        threading.Thread(target=application, args=({"wsgi.input": io.BytesIO()}, lambda *_: None)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == [1, 1]


def test_a_report_does_not_wait_for_a_page() -> None:
    page_is_inside, let_go = threading.Event(), threading.Event()

    def answer(environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            page_is_inside.set()
            let_go.wait(10)
        return [b"done"]

    application = InTurn(answer, 1)
    page = {"wsgi.input": io.BytesIO(), "REQUEST_METHOD": "GET", "PATH_INFO": "/orders/536365"}
    report = {"wsgi.input": io.BytesIO(), "REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/failures"}
    slow = threading.Thread(target=application, args=(page, lambda *_: None))
    slow.start()
    assert page_is_inside.wait(10)
    assert list(application(report, lambda *_: None)) == [b"done"]
    let_go.set()
    slow.join(10)


def test_static_files_are_sent_compressed_and_marked_ones_kept_for_a_year(tmp_path: Path) -> None:
    style = b"body {}" * 100
    (tmp_path / "desk.css").write_bytes(style)
    (tmp_path / "desk.css.gz").write_bytes(gzip.compress(style))
    client = Client(static_files(echo, str(tmp_path)))
    marked = client.get("/static/desk.css?v=0123", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(marked.data) == style
    assert "immutable" in marked.headers["Cache-Control"]
    plain = client.get("/static/desk.css")
    assert plain.data == style
    assert plain.headers["Cache-Control"] == "max-age=60, public"
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in plain.headers


def test_what_is_not_static_reaches_the_application(tmp_path: Path) -> None:
    assert Client(static_files(echo, str(tmp_path))).post("/login", data=b"user").data == b"user"


def test_who_waited_behind_a_failing_store_is_not_made_to_wait_again() -> None:
    told = []

    def away(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told.append(environ.get(STORE_AWAY, False))
        environ[STORE_AWAY] = True
        start_response("503 Service Unavailable", [])
        return []

    moments = iter((1.0, 9.0, 2.0, 10.0, 17.0))  # the first waits from 1 to 9; the second came at 2, the third at 10
    application = InTurn(away, 1, now=lambda: next(moments))
    for _ in range(3):
        Client(application).get("/")
    assert told == [False, True, False]


def test_several_requests_run_at_once_where_several_may() -> None:
    together = threading.Barrier(3)  # broken when one is kept outside

    def meet(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        together.wait(10)
        start_response("200 OK", [])
        return []

    client = Client(InTurn(meet, 3))
    threads = [threading.Thread(target=client.post, args=("/api/v1/failures",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert not together.broken
