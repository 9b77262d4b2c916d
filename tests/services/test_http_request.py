"""Call a registered target once more: against a real server that behaves as badly as servers can."""

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.config import TargetSetting
from app.desk import Desk
from app.domain.exact_json import BigNumber
from app.remedies import REMEDIES, Means, Outcome, Result, Run
from app.remedies import http_request as module
from app.targets import Targets
from tests.http_server import Answer, Server, answering, dripping, hanging_up, serving, silent

REMEDY = {"type": "http_request", "target": "inventory", "method": "POST", "path": "/v1/ship", "body": {"a": 1}}
FAILURE = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Caller:
    """Applies a remedy against one server."""

    def __init__(self, desk: Desk, server: Server, base: str = "") -> None:
        self.server, self.clock = server, desk.clock
        targets = Targets({"inventory": TargetSetting(url=server.url + base)}, desk.topology)
        self.means = Means(targets, desk.broker)

    def __call__(self, *, attempt: int = 1, traceparent: str | None = None, **changes: Any) -> Result:
        run = Run(FAILURE, attempt, 1, REMEDY | changes, self.clock(), traceparent)
        return REMEDIES["http_request"].apply(self.means, run)


@pytest.fixture
def calling(desk: Desk):
    @contextmanager
    def call(answer: Answer, base: str = "") -> Iterator[Caller]:
        with serving(answer) as server:
            yield Caller(desk, server, base)

    return call


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0.5)


def test_the_request_carries_a_key_of_its_own_that_stays_the_same(calling) -> None:
    with calling(answering(200, b"ok"), base="/base/") as call:
        assert call(headers={"X-Note": "yes"}, traceparent=TRACE).outcome == Outcome.APPLIED
        first = call.server.head
        call(attempt=2)
        assert first.splitlines()[0] == "POST /base/v1/ship HTTP/1.1"
        for line in (f"Idempotency-Key: dlo-{FAILURE}", "X-Note: yes", f"traceparent: {TRACE[:36]}",
        "Content-Type: application/json"):
            assert line in first
        assert f"Idempotency-Key: dlo-{FAILURE}" in call.server.head
        assert call.server.requests[-1][1] == b'{"a":1}'


@pytest.mark.parametrize(
    ("status", "outcome", "unavailable"),
    [(200, "applied", False), (201, "applied", False), (204, "applied", False), (299, "applied", False), (304,
    "permanent", False),
     (400, "permanent", False), (401, "permanent", False), (404, "permanent", False), (408, "passing", False), (409,
     "permanent", False),
     (422, "permanent", False), (425, "passing", False), (429, "passing", False), (499, "permanent", False), (500,
     "passing", True),
     (502, "passing", True), (503, "passing", True), (504, "passing", True), (599, "passing", True)],
)
def test_an_answer_is_judged_by_its_status(calling, status: int, outcome: str, unavailable: bool) -> None:
    with calling(answering(status)) as call:
        result = call()
        assert (result.outcome, result.unavailable) == (outcome, unavailable)


@pytest.mark.parametrize("status, outcome", [(200, "applied"), (202, "permanent"), (503, "passing")])
def test_where_the_remedy_says_which_answer_means_done_no_other_does(calling, status: int, outcome: str) -> None:
    with calling(answering(status, b"not enough in stock")) as call:
        result = call(doneWith=[200])
        assert result.outcome == outcome and "not enough in stock" in result.detail


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(calling, status: int) -> None:
    with serving(answering(200)) as elsewhere, calling(answering(status, Location=elsewhere.url + "/stolen")) as call:
        result = call()
        assert result.outcome == Outcome.PERMANENT
        assert "redirect" in result.detail
        assert not elsewhere.requests
        assert len(call.server.requests) == 1


@pytest.mark.parametrize("place", ["http://[bad", "//", "", "javascript:alert(1)", "http://user@evil.example:99999/"])
def test_a_redirect_to_nonsense_is_permanent_and_its_body_is_not_read(calling, place: str) -> None:
    with calling(answering(302, b"x" * 10 * 2**20, Location=place)) as call:
        assert call().outcome == Outcome.PERMANENT


def test_nobody_there_is_a_passing_reason(calling) -> None:
    with calling(answering(200)) as call:
        pass
    result = call()
    assert (result.outcome, result.unavailable) == (Outcome.PASSING, True)


def test_a_reset_after_the_effect_is_repeated_with_the_same_key_alone(calling) -> None:
    with calling(hanging_up) as call:
        result = call()
        assert (result.outcome, result.unavailable) == (Outcome.PASSING, True)
        assert len(call.server.requests) == 1  # no hidden retry below us


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "answer",
    [silent, dripping(b""), dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "), dripping(b"HTTP/1.1 200 OK\r\n",
    b"X-Slow: 1\r\n"),
     dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"), dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
     dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
     dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0")],
    ids=["silence", "status line", "a header", "headers", "body of a length", "body without end", "chunks",
    "a chunk's size"],
)
def test_a_server_that_drips_holds_an_attempt_no_longer_than_its_deadline(calling, answer: Answer) -> None:
    with calling(answer) as call:
        began = time.monotonic()
        result = call()
        assert time.monotonic() - began < 2.0
        assert (result.outcome, result.unavailable) == (Outcome.PASSING, True)


@pytest.mark.usefixtures("impatient")
def test_a_call_after_one_that_hung_works(calling) -> None:
    answers = iter([silent, answering(200)])

    def in_turn(server: Server, connection: Any) -> None:
        next(answers)(server, connection)

    with calling(in_turn) as call:
        assert [call().outcome, call().outcome] == [Outcome.PASSING, Outcome.APPLIED]


def test_of_a_body_of_ten_mebibytes_no_more_than_64_kibibytes_are_read(calling) -> None:
    with calling(answering(400, b"x" * 10 * 2**20)) as call:
        began = time.monotonic()
        result = call()
        assert result.outcome == Outcome.PERMANENT
        assert len(result.detail) <= 1000
        assert time.monotonic() - began < 2.0


def test_a_compressed_bomb_is_not_unpacked(calling) -> None:
    with calling(answering(400, gzip.compress(b"x" * 50 * 2**20), Content_Encoding="gzip")) as call:
        assert call().outcome == Outcome.PERMANENT
        assert "Accept-Encoding: identity" in call.server.head


def test_an_encoding_that_cannot_be_unpacked_does_not_undo_an_effect(calling) -> None:
    with calling(answering(200, b"no gzip at all", Content_Encoding="gzip")) as call:
        assert call().outcome == Outcome.APPLIED


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("0", 0), (" 7 ", 7), ("-5", None), ("1.5", None), ("", None), ("soon", None), ("²", None),
    ("9" * 400, 999_999_999),
     ("Sun, 22 Nov 2026 09:02:00 GMT", 120), ("Sunday, 22-Nov-26 09:02:00 GMT", 120), ("Sun Nov 22 09:02:00 2026", 120),
     ("Sun, 22 Nov 2026 08:00:00 GMT", 0), ("Sun, 22 Nov 99999 09:02:00 GMT", None),
     ("Sun, 22 Nov 2026 09:02:00 +9999999999", None),
     ("Fri, 31 Dec 9999 23:59:59 -2359", None), ("Sat, 00 Foo 2026 99:99:99 GMT", None)],
)
def test_retry_after_is_read_in_every_form_and_nonsense_is_ignored(calling, value: str, seconds: float | None) -> None:
    with calling(answering(503, Retry_After=value)) as call:
        result = call()
        assert result.outcome == Outcome.PASSING
        assert "broke" not in result.detail
        if seconds is None:
            assert result.retry_after is None or result.retry_after >= 0
        else:
            assert result.retry_after == pytest.approx(seconds)


def test_retry_after_may_be_a_date_as_the_library_writes_it(calling, desk: Desk) -> None:
    later = format_datetime(desk.clock() + timedelta(seconds=90), usegmt=True)
    with calling(answering(429, Retry_After=later)) as call:
        assert call().retry_after == pytest.approx(90)


@pytest.mark.parametrize("raw", [b"nonsense", b"\x00" * 100, b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n",
                                 b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
                                 b"HTTP/1.1 200 " + b"O" * 100_000],
                         ids=["text", "zeros", "status", "version", "too many headers", "an endless line"])
def test_an_answer_that_is_no_http_is_a_passing_reason(calling, raw: bytes) -> None:
    def answer(server: Server, connection: Any) -> None:
        connection.sendall(raw)
        connection.close()

    with calling(answer) as call:
        result = call()
        assert result.outcome == Outcome.PASSING
        assert "broke" not in result.detail


def test_no_cookie_of_one_answer_reaches_another_request(calling) -> None:
    with calling(answering(200, Set_Cookie="session=stolen; Path=/")) as call:
        call()
        call()
        assert "Cookie" not in call.server.head


@pytest.mark.parametrize("traceparent", ["", "x", "a\r\nX-Evil: 1", "мусор", "00-" + "0" * 500, TRACE + "\n"])
def test_a_traceparent_that_is_none_is_left_out(calling, traceparent: str) -> None:
    with calling(answering(200)) as call:
        assert call(traceparent=traceparent).outcome == Outcome.APPLIED
        assert "traceparent" not in call.server.head and "Evil" not in call.server.head


@pytest.mark.parametrize("path", ["//evil.example", "/../admin", "/a b", "http://evil.example/"])
def test_a_path_that_leaves_its_target_is_not_sent_though_it_was_stored(calling, path: str) -> None:
    with calling(answering(200)) as call:
        result = call(path=path)
        assert (result.outcome, result.unavailable) == (Outcome.PERMANENT, False)
        assert not call.server.requests


@pytest.mark.parametrize("headers", [{"X": " a"}, {"X": "a\r\nY: b"}, {"X\r\n": "a"}, {"X": "ж"}])
def test_a_header_that_cannot_be_sent_is_permanent_and_no_fault_of_the_target(calling, headers: dict[str, str]) -> None:
    with calling(answering(200)) as call:
        result = call(headers=headers)
        assert (result.outcome, result.unavailable) == (Outcome.PERMANENT, False)
        assert not call.server.requests


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [({"a": "ж"}, {}, b'{"a":"\\u0436"}'), ([1], {}, b"[1]"), ("text", {}, b'"text"'), (None, {}, b""), (0, {}, b"0"),
    (False, {}, b"false"),
     ("text", {"Content-Type": "text/plain"}, b"text"), ("ж", {"content-type": "text/plain"}, "ж".encode()),
     ({"a": 1}, {"Content-Type": "application/vnd.x+json"}, b'{"a":1}'), (BigNumber("9" * 6000), {}, b"9" * 6000),
     ("\ud800", {"Content-Type": "text/plain"}, b"\xed\xa0\x80")],
)
def test_the_body_is_sent_as_its_type_says(calling, body: Any, headers: dict[str, str], expected: bytes) -> None:
    with calling(answering(200)) as call:
        assert call(body=body, headers=headers).outcome == Outcome.APPLIED
        assert call.server.requests[-1][1] == expected


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "get"])
def test_every_method_is_sent(calling, method: str) -> None:
    with calling(answering(200)) as call:
        call(method=method)
        assert call.server.head.startswith(method.upper() + " ")


def test_proxies_and_passwords_of_the_surroundings_are_not_used(calling, monkeypatch: pytest.MonkeyPatch,
tmp_path) -> None:
    with serving(answering(500)) as proxy, calling(answering(200)) as call:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login a password b\n")
        monkeypatch.setenv("NETRC", str(netrc))
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert call().outcome == Outcome.APPLIED
        assert not proxy.requests
        assert "Authorization" not in call.server.head


def test_preview_calls_nobody(calling, desk: Desk) -> None:
    with calling(answering(200)) as call:
        run = Run(FAILURE, 1, 1, REMEDY, desk.clock())
        foreseen = REMEDIES["http_request"].preview(call.means, run)
        assert (foreseen.outcome, foreseen.changes[0].what) == ("would_apply", "POST /v1/ship → inventory")
        assert not call.server.requests
