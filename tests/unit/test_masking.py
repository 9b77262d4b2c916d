"""Secrets are masked in what is shown, and come back into what is run."""

import base64
import json

import pytest

from app.domain.exact_json import BigNumber
from app.domain.masking import MASK, masked, masked_bytes, masked_text, restored

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "key",
    ["password", "Password", "user_password", "token", "accessToken", "secret", "apiKey", "api_key", "X-API-Key",
     "authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "cardNumber", "card_number", "cvv"],
)
def test_values_under_telling_keys_are_masked(key: str) -> None:
    assert masked({"a": [{key: "hunter2"}]}) == {"a": [{key: MASK}]}
    assert masked({key: {"deep": ["hunter2"]}}) == {key: MASK}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"card {CARD} declined", f"card {MASK} declined"),
        ("card=4111111111111111", f"card={MASK}"),
        ("5500-0000-0000-0004", MASK),
        ("Authorization: Basic dXNlcjpwYXNz\nAccept: x", f"Authorization: {MASK}\nAccept: x"),
        ("Cookie: a=b; session=c", f"Cookie: {MASK}"),
        ("refused Bearer abc.def-123.", f"refused Bearer {MASK}"),
        ("sent 'bearer  SGVsbG8gd29ybGQ='", f"sent 'bearer  {MASK}'"),
        ("password=hunter2&user=x", f"password={MASK}&user=x"),
        ('{"password": "hun\\nter2", "a": 1}', f'{{"password": "{MASK}", "a": 1}}'),
        ("postgresql://desk:hunter2@db/x", f"postgresql://desk:{MASK}@db/x"),
        ("token: abcdef", f"token: {MASK}"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", MASK),
    ],
)
def test_secrets_in_any_text_are_masked(text: str, shown: str) -> None:
    assert masked_text(text) == shown


@pytest.mark.parametrize(
    "text",
    ["4111 1111 1111 1112", "019aa8b2-1234-7123-8123-411111111111", "1732266000123456", "order 536365",
     "the token was refused", "2026-11-22 09:00:00", "0.4111111111111111", "", "database is locked"],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked_text(text) == text


def test_a_card_as_a_number_is_masked() -> None:
    assert masked({"paid": 4111111111111111, "flag": True, "n": 3}) == {"paid": MASK, "flag": True, "n": 3}


def test_hostile_text_and_numbers_are_marked() -> None:
    shown = masked({"a\x00": "\ud800", "n": BigNumber("1e999")})
    assert shown == {"a\ufffd": "\ufffd", "n": "1e999 [a number that no double holds]"}
    json.dumps(shown).encode()


def test_a_body_without_secrets_is_shown_byte_for_byte() -> None:
    for body in (b'{"a" : 1.0}', b"\xff\x00", b"{broken", b""):
        assert masked_bytes(body) == body


def test_a_secret_in_a_body_is_masked() -> None:
    assert json.loads(masked_bytes(b'{"password": "hunter2", "a": 1}')) == {"password": MASK, "a": 1}
    assert b"hunter2" not in masked_bytes(b'{broken, password="hunter2"')


def test_what_a_person_left_masked_is_put_back() -> None:
    body = base64.b64encode(b'{"token": "t-1", "a": 1}').decode()
    stored = {"headers": {"X-Token": "t-1", "a": "b"}, "bodyBase64": body, "list": [{"cvv": "1"}, BigNumber("1e999")]}
    shown = masked(stored)
    assert "t-1" not in str(shown)
    assert restored(shown, stored) == stored
    edited = shown | {"headers": {"X-Token": MASK, "a": "c"}}
    assert restored(edited, stored) == stored | {"headers": {"X-Token": "t-1", "a": "c"}}


def test_a_new_secret_is_taken_as_it_is() -> None:
    assert restored({"token": "new", "list": [1, 2]}, {"token": "old", "list": [1]}) == {"token": "new", "list": [1, 2]}


def test_masking_long_text_takes_linear_time() -> None:
    for piece in ("1", "password", "bearer ", "\"", "4 ", "://a:", "cookie:", "eyJ"):
        masked_text(piece * (300_000 // len(piece)))
