"""GET and POST /login, POST /logout."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.desk import Desk
from app.models.session import WebSession
from app.queries import failure_detail
from app.services import accounts
from tests.factories import make_failure
from tests.fakes import FakeClock
from tests.web.people import PASSWORDS, post, sign_in, token

pytestmark = pytest.mark.usefixtures("people")
COOKIE = "dlo"


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    assert found is not None
    return found.value


def test_a_page_sends_whoever_is_not_signed_in_to_the_form_and_back(client: FlaskClient) -> None:
    answer = client.get("/?a=1")
    assert (answer.status_code, answer.location) == (303, "/login?next=/?a%3D1")
    assert sign_in(client, "operator", next="/?a=1").location == "/?a=1"
    assert client.get("/").status_code == 200


def test_a_poll_of_a_signed_out_page_is_told_401_so_that_nothing_typed_is_lost(client: FlaskClient) -> None:
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("name, password", [("operator", "wrong"), ("nobody", "wrong"), ("", ""), ("a\x00b", "\x00")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(client: FlaskClient, name: str, password: str) -> None:
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert "Имя или пароль неверны." in answer.text
    assert client.get("/").status_code == 303


def test_an_account_that_is_switched_off_cannot_sign_in(client: FlaskClient, desk: Desk) -> None:
    user = accounts.find(desk, "operator")
    assert user is not None
    accounts.switch(desk, user.id, active=False, actor="admin")
    assert sign_in(client, "operator").status_code == 401


def test_the_form_needs_its_token(client: FlaskClient) -> None:
    answer = client.post("/login", data={"username": "operator", "password": PASSWORDS["operator"]})
    assert answer.status_code == 400
    assert token(answer)
    assert client.get("/").status_code == 303


def test_signing_in_gives_a_new_session_so_that_a_planted_one_is_worth_nothing(app: Flask, desk: Desk) -> None:
    victim, thief = app.test_client(), app.test_client()
    thief.get("/login")
    planted = cookie(thief)
    victim.set_cookie(COOKIE, planted)
    sign_in(victim, "operator")
    assert cookie(victim) != planted
    assert thief.get("/").status_code == 303
    victim.set_cookie(COOKIE, planted)
    assert victim.get("/").status_code == 303


def test_an_unknown_session_key_is_never_taken_over(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "chosen-by-somebody")
    client.get("/login")
    assert cookie(client) != "chosen-by-somebody"


def test_signing_out_ends_copied_cookies_too(app: Flask, operator: FlaskClient) -> None:
    copy = app.test_client()
    copy.set_cookie(COOKIE, cookie(operator))
    assert copy.get("/").status_code == 200
    assert post(operator, "/", "/logout").location == "/login"
    assert operator.get_cookie(COOKIE) is None
    assert copy.get("/").status_code == 303


def test_signing_out_is_a_post_with_a_token(operator: FlaskClient) -> None:
    assert operator.get("/logout").status_code == 405
    assert operator.post("/logout").status_code == 400
    assert operator.get("/").status_code == 200


def again(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Press the button of a page that offers an act again."""
    fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page.text, re.DOTALL)
    action = re.search(r'method="post" action="(/failures/[^"]+)"', page.text)
    assert action
    return client.post(action[1], data={"csrf_token": token(page), **{name: unescape(typed) for name, typed in fields}})


def test_an_act_of_a_session_that_ended_is_offered_again_with_what_was_typed(
    operator: FlaskClient, desk: Desk
) -> None:
    failure = make_failure(desk, status="review")
    opened = operator.get(f"/failures/{failure}")
    form = {"csrf_token": token(opened), "text": 'half a "sentence" <b>'}
    operator.delete_cookie(COOKIE)
    signed_out = operator.post(f"/failures/{failure}/comment", data=form)
    assert (signed_out.status_code, "Вы вышли из системы" in signed_out.text) == (400, True)
    sign_in(operator, "operator")
    offered = again(operator, signed_out)
    assert (offered.status_code, "Сделать это сейчас?" in offered.text) == (400, True)
    assert "<q>half a &#34;sentence&#34; &lt;b&gt;</q>" in offered.text
    assert 'half a "sentence" <b>' not in offered.text
    with desk.store.read() as session:
        assert failure_detail.detail(session, failure).events[-1].action != "comment"
    assert again(operator, offered).status_code == 303
    with desk.store.read() as session:
        assert failure_detail.detail(session, failure).events[-1].reason == 'half a "sentence" <b>'


def test_a_poll_with_the_token_of_an_ended_session_tells_whether_to_sign_in(operator: FlaskClient, desk: Desk) -> None:
    look = f"/failures/{make_failure(desk, status='review')}/look"
    stale = {"csrf_token": "of another session"}
    assert operator.post(look, data=stale, headers={"HX-Request": "true"}).status_code == 400
    operator.delete_cookie(COOKIE)
    assert operator.post(look, data=stale, headers={"HX-Request": "true"}).status_code == 401


def test_a_password_is_never_written_into_a_page(administrator: FlaskClient) -> None:
    answer = administrator.post("/settings/accounts", data={"username": "new", "password": "very secret words"})
    assert answer.status_code == 400
    assert "very secret words" not in answer.text


def test_only_the_hash_of_the_key_is_stored(operator: FlaskClient, desk: Desk) -> None:
    with desk.store.read() as session:
        rows = session.scalars(select(WebSession)).all()
    assert all(cookie(operator) not in (row.id_hash, str(row.data)) for row in rows)


@pytest.mark.parametrize("hours, signed_in", [(7.9, True), (8.1, False)])
def test_an_idle_session_ends_after_a_shift(
    operator: FlaskClient, clock: FakeClock, hours: float, signed_in: bool
) -> None:
    clock.advance(hours * 3600)
    assert (operator.get("/").status_code == 200) is signed_in


def test_a_session_in_use_ends_after_twelve_hours(operator: FlaskClient, clock: FakeClock) -> None:
    for _ in range(23):
        clock.advance(1800)
        assert operator.get("/").status_code == 200
    clock.advance(1801)
    assert operator.get("/").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    header = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in header and "SameSite=Lax" in header and "Path=/" in header


@pytest.mark.parametrize("next_page", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "\\\\evil.example",
    "javascript:x", "/\n/evil.example", "evil.example", " //evil.example", "http:evil.example",
])
def test_next_never_leads_off_this_site(client: FlaskClient, next_page: str) -> None:
    assert sign_in(client, "operator", next=next_page).location == "/"


def test_ten_wrong_tries_in_five_minutes_close_the_account_for_a_while(app: Flask, clock: FakeClock) -> None:
    for number in range(10):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        assert sign_in(client, "operator", "wrong").status_code == 401
        clock.advance(10)
    client = app.test_client()
    answer = sign_in(client, "operator")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "200")
    assert sign_in(client, "admin").status_code == 303
    clock.advance(200.1)
    assert sign_in(app.test_client(), "operator").status_code == 303


def test_ten_wrong_tries_from_one_address_close_it_for_every_account(app: Flask) -> None:
    for number in range(10):
        assert sign_in(app.test_client(), f"guess-{number}", "wrong").status_code == 401
    assert sign_in(app.test_client(), "operator").status_code == 429
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.0.0.9"
    assert sign_in(elsewhere, "operator").status_code == 303


def test_right_sign_ins_do_not_count(app: Flask) -> None:
    for _ in range(12):
        assert sign_in(app.test_client(), "operator").status_code == 303


def test_a_request_with_a_token_never_touches_a_session(
    operator: FlaskClient, desk: Desk, admin: dict[str, str]
) -> None:
    with desk.store.read() as session:
        before = session.scalar(select(func.count()).select_from(WebSession))
    answer = operator.get("/", headers=admin)
    assert answer.status_code == 303
    with desk.store.read() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == before
