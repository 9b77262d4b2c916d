"""Every page says which permission it needs, and holds to it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.desk import Desk
from app.domain.permissions import Permission
from tests.factories import make_failure

OPEN = {"pages.sign_in", "pages.sign_in_now", "pages.sign_out", "pages.preferences"}


def test_every_page_names_its_permission(app: Flask) -> None:
    views = {name: view for name, view in app.view_functions.items() if name.startswith("pages.")}
    assert len(views) > 25
    assert not [name for name, view in views.items() if name not in OPEN and not hasattr(view, "permission")]


def test_every_unsafe_route_outside_the_api_belongs_to_the_pages_which_check_the_token(app: Flask) -> None:
    unsafe = [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}]
    assert {rule.endpoint.split(".")[0] for rule in unsafe if not rule.rule.startswith("/api/")} == {"pages"}


@pytest.mark.usefixtures("people")
def test_no_page_opens_without_signing_in(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("pages.") and rule.endpoint not in OPEN and "GET" in (rule.methods or ()):
            address = rule.rule.replace("<int:user_id>", "1").replace("<", "").replace(">", "")
            answer = client.get(address)
            assert (answer.status_code, answer.location and answer.location[:11]) == (303, "/login?next"), rule


def test_operators_are_told_403_where_only_administrators_may(app: Flask, operator: FlaskClient) -> None:
    token = operator.get("/").text.split('name="csrf_token" value="')[1].split('"')[0]
    allowed = {Permission.READ, Permission.REVIEW, Permission.BULK}
    checked = 0
    for rule in app.url_map.iter_rules():
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        if not rule.endpoint.startswith("pages.") or permission is None or permission in allowed:
            continue
        address = rule.rule.replace("<int:user_id>", "99").replace("<", "").replace(">", "")
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = operator.open(address, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert answer.status_code == 403, rule
        checked += 1
    assert checked >= 8


def test_controls_are_shown_to_whoever_may_use_them(
    operator: FlaskClient, administrator: FlaskClient, desk: Desk
) -> None:
    failure = make_failure(desk, status="review")
    assert 'href="/settings/"' not in operator.get("/").text
    assert 'href="/settings/"' in administrator.get("/").text
    for page, control in (("/queues/orders.status.dlq", "/replay"), (f"/failures/{failure}", "/replace")):
        assert control not in operator.get(page).text
        assert control in administrator.get(page).text


@pytest.mark.parametrize("page", [
    "/", "/review", "/failures", "/groups", "/queues", "/queues/orders.status.dlq", "/account",
])
@pytest.mark.parametrize("language, words", [("ru", "Бюро потерянных заказов"), ("en", "Dead Letter Office")])
def test_pages_speak_the_readers_language(
    operator: FlaskClient, desk: Desk, page: str, language: str, words: str
) -> None:
    make_failure(desk, status="review")
    answer = operator.get(page, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text and words in answer.text


def test_the_persons_choice_of_language_and_theme_wins(operator: FlaskClient) -> None:
    from tests.web.people import post

    assert post(operator, "/", "/preferences", language="en", theme="dark", next="/review").location == "/review"
    page = operator.get("/", headers={"Accept-Language": "ru"}).text
    assert '<html lang="en" data-bs-theme="dark">' in page
    post(operator, "/", "/preferences", language="xx", theme="")
    assert '<html lang="ru">' in operator.get("/", headers={"Accept-Language": "ru"}).text


def test_without_any_wish_it_is_russian(client: FlaskClient) -> None:
    assert '<html lang="ru">' in client.get("/login").text
    assert '<html lang="ru">' in client.get("/login", headers={"Accept-Language": "de"}).text
