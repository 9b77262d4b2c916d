"""Bodies as text, for people who look closely."""

import base64

import pytest

from app.domain.text import CUT_MARK
from app.routes.pages import raw


@pytest.mark.parametrize("body", [b"x", "\U0001fa91".encode() * raw.BEGINNING, b"\xff\x00"])
def test_a_short_body_is_shown_whole(body: bytes) -> None:
    text = base64.b64encode(body).decode()
    assert raw.body_beginning(text) == raw.body_text(text)


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\u20ac", "\U0001fa91", "\x07"])
def test_of_a_long_body_the_beginning_is_shown_with_a_mark(letter: str) -> None:
    text = base64.b64encode(("x" + letter * 100_000).encode()).decode()
    shown = raw.body_beginning(text)
    assert shown == raw.body_text(text)[:raw.BEGINNING - len(CUT_MARK)] + CUT_MARK


def test_of_a_long_body_no_more_is_written_than_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(raw, "_line", lambda part: written.append(part) or part.hex())
    assert raw.body_beginning(base64.b64encode(b"\xff" * 1_000_000).decode()).endswith(CUT_MARK)
    assert sum(map(len, written)) < 10 * raw.BEGINNING
