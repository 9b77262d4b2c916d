"""No path and no header of an `http_request` leaves its registered target."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request, Session

from app.domain.http_rules import header_fault, path_fault

BASE = "http://127.0.0.1:5106/base"

ATTACKS = [
    # another host, by the doors of the URL grammar
    "", "http://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example",
    "@evil.example/", "/@evil.example", ":80@evil.example/", "/a@b", "evil.example", "?x", "#x", "/a//b", "/a/\\b",
    ".evil.example/", ":5432/", "/%2f%2fevil.example", "/%5c%5cevil.example", "/%40evil.example", "/%2540evil.example",
    "/%252f%252fevil.example", "javascript:alert(1)", "file:///etc/passwd", "gopher://127.0.0.1:25/",
    "/%2F/evil.example",
    # out of the base path
    "/..", "/../", "/../admin", "/a/../../admin", "/./admin", "/a/.", "/a/..", "/%2e%2e/admin", "/%2E%2e/admin",
    "/.%2e/admin",
    "/%2e./admin", "/%252e%252e/admin", "/%25252e%25252e/admin", "/..;/admin", "/..;a=b/admin", "/a/..;/admin",
    "/a;/../b",
    "/%2e%2e%3b/admin", "/..%2fadmin", "/..%5cadmin", "/%2e%2e%5cadmin", "/a%2f..%2f..%2fadmin",
    # a second request, or a header
    "/ HTTP/1.1", "/a\r\nX: y", "/a\nX: y", "/a\rX", "/a%0d%0aX:%20y", "/a%0aX", "/a%00", "/a\x00", "/a%7f", "/a\tb",
    "/a b", " /a", "/a ",
    "/a\u2028b", "/a\u0085", "/a%250d%250a", "/a\x0b",
    # what looks like ASCII and is not
    "/ａ", "／evil.example", "/a\u202e", "/каталог", "/\ufffd", "/a\ud800", "/%25252525252e",
]


@pytest.mark.parametrize("path", ATTACKS)
def test_an_attack_by_path_is_refused(path: str) -> None:
    assert path_fault(path) is not None


@pytest.mark.parametrize(
    "path",
    [
        "/", "/v1/reservations/536365/ship", "/a.b/c..d/...", "/a?next=//evil.example/@x", "/a?q=..%2f..", "/a%20b",
        "/a;v=1/b",
        "/%D0%BA%D0%B0%D1%82", "/a#//x", "/a:b", "/~user", "/a%25b", "/100%", "/a?x=%0d%0a", "/.well-known/x",
    ],
)
def test_an_honest_path_is_taken_and_stays_on_its_target(path: str) -> None:
    assert path_fault(path) is None
    sent = urlsplit(str(Session().prepare_request(Request("GET", BASE + path)).url))
    assert (sent.scheme, sent.netloc) == ("http", "127.0.0.1:5106")
    assert sent.path.startswith("/base/")


@given(st.text(alphabet=st.sampled_from("/\\.@:;?#%20e2f5cE\t\r\n ab"), max_size=20).map(lambda rest: "/" + rest))
def test_whatever_path_is_taken_stays_below_its_base(path: str) -> None:
    if path_fault(path) is None:
        sent = urlsplit(str(Session().prepare_request(Request("GET", BASE + path)).url))
        assert (sent.scheme, sent.netloc) == ("http", "127.0.0.1:5106")
        assert sent.path.startswith("/base/")


@pytest.mark.parametrize(
    "name",
    [
        "Host", "host", "HOST", "Content-Length", "content-length", "Cookie", "Authorization", "AUTHORIZATION",
        "Connection",
        "Keep-Alive", "TE", "Trailer", "Trailers", "Transfer-Encoding", "Upgrade", "Proxy-Authorization",
        "Proxy-Connection",
        "Proxy-Authenticate", "Expect", "Idempotency-Key", "idempotency-key", "", " ", "A B", "A:", "A\r\nB", "A\x00",
        "Хост", "A\u2028",
        ":authority", "a(b)", 'a"b', "a,b", "a/b", "Host ", "Host\t", "\u212aookie", "Content_Length",
    ],
)
def test_a_header_that_is_not_the_sender_s_to_set_is_refused(name: str) -> None:
    assert header_fault(name, "x") is not None


@pytest.mark.parametrize(
    "value", ["a\r\nX: y", "a\nb", "a\rb", "a\x00b", "\x7f", "\x1b[31m", "сбой", "a\u2028b", "\ufffd", "€", " a",
    "\ta", "a\x0b"]
)
def test_a_header_value_that_no_wire_takes_is_refused(value: str) -> None:
    assert header_fault("X-Note", value) is not None


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "text/plain; charset=utf-8", "é", '"quoted"', "a "])
def test_an_honest_header_is_taken_and_can_be_sent(value: str) -> None:
    assert header_fault("X-Note", value) is None
    Session().prepare_request(Request("GET", BASE, headers={"X-Note": value}))


@given(name=st.text(min_size=1, max_size=8), value=st.text(max_size=12))
def test_whatever_header_is_taken_can_be_sent(name: str, value: str) -> None:
    if header_fault(name, value) is None:
        prepared = Session().prepare_request(Request("GET", BASE, headers={name: value}))
        assert prepared.headers[name].encode("latin-1") == value.encode("latin-1")
