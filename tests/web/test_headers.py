"""What every answer forbids the browser, and how cookies and proxies are trusted."""

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.desk import Desk
from tests.web.people import sign_in

TEMPLATES = Path(__file__).parent.parent.parent / "app" / "templates"


def changed(desk: Desk, **settings: object) -> Flask:
    return create_app(replace(desk, settings=desk.settings.model_copy(update=settings)))


@pytest.mark.parametrize("address", ["/login", "/nowhere", "/static/desk.css", "/api/v1/failures"])
def test_every_answer_carries_the_policy(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_templates_hold_nothing_that_the_policy_forbids() -> None:
    for file in TEMPLATES.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text), file
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", text), file
        assert not re.search(r"hx-on|js:|hx-trigger=\"[^\"]*\[", text), file


def test_every_icon_that_is_shown_is_in_the_sprite() -> None:
    from app.assets import ICONS

    used = {
        name for file in TEMPLATES.rglob("*.html")
        for name in re.findall(r'icon\("([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert used and used <= set(ICONS)


def test_over_https_cookies_are_secure_and_the_browser_is_told_to_stay(desk: Desk) -> None:
    answer = changed(desk, public_url="https://desk.example").test_client().get("/login")
    assert "__Host-dlo=" in answer.headers["Set-Cookie"] and "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_over_plain_http_there_is_no_such_promise(client: FlaskClient) -> None:
    answer = client.get("/login")
    assert "Strict-Transport-Security" not in answer.headers and "Secure" not in answer.headers["Set-Cookie"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("hops, status", [(0, 429), (1, 401)])
def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(desk: Desk, hops: int, status: int) -> None:
    app = changed(desk, trusted_proxies=hops)
    answers = []
    for number in range(11):
        client = app.test_client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        answers.append(sign_in(client, f"guess-{number}", "wrong").status_code)
    assert answers == [401] * 10 + [status]


def test_static_files_with_a_mark_of_their_content_are_kept_for_ever(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/desk\.css\?v=[0-9a-f]{12})"', client.get("/login").text)
    assert address
    assert "immutable" in client.get(address[1]).headers["Cache-Control"]
    assert client.get("/login").headers["Cache-Control"] == "no-store"


def test_a_page_is_compressed_for_whoever_can_read_it_so(client: FlaskClient) -> None:
    plain, packed = client.get("/login"), client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(packed.data) and int(packed.headers["Content-Length"]) < len(plain.data) / 2
    assert "Accept-Encoding" in plain.vary and "Accept-Encoding" in packed.vary


@pytest.mark.usefixtures("people")
def test_a_broken_database_gives_a_plain_503_page(operator: FlaskClient, break_store: Callable[[], None]) -> None:
    break_store()
    answer = operator.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503 and "Retry-After" in answer.headers
    assert "The service is unavailable" in answer.text and "Traceback" not in answer.text
    assert operator.get("/static/desk.css").status_code == 200
