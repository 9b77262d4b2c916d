"""What people see of the pages: the controls that they may use, in their language."""

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from tests.factories import make_failure


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
