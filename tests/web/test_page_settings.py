"""/settings/, /account, /targets and /audit."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.desk import Desk
from app.queries.policies import stored_policies
from app.services import accounts, review
from tests.factories import make_failure
from tests.web.people import PASSWORDS, post, sign_in

EN = {"Accept-Language": "en"}


def user_id(desk: Desk, username: str) -> int:
    user = accounts.find(desk, username)
    assert user is not None
    return user.id


def test_an_account_is_created_and_can_sign_in(administrator: FlaskClient, app: Flask) -> None:
    new = {"username": "anna", "password": "a long password", "role": "operator"}
    assert post(administrator, "/settings/", "/settings/accounts", **new).status_code == 303
    assert sign_in(app.test_client(), "anna", "a long password").status_code == 303
    assert post(administrator, "/settings/", "/settings/accounts", **new).status_code == 422


@pytest.mark.parametrize("field, value", [
    ("username", ""), ("username", "token:orders"), ("username", "system"), ("password", "short"), ("role", "king"),
])
def test_an_account_that_cannot_be_is_refused(administrator: FlaskClient, field: str, value: str) -> None:
    new = {"username": "anna", "password": "a long password", "role": "operator"} | {field: value}
    assert post(administrator, "/settings/", "/settings/accounts", **new).status_code == 422


def test_switching_an_account_off_ends_its_sessions(
    administrator: FlaskClient, operator: FlaskClient, desk: Desk
) -> None:
    address = f"/settings/accounts/{user_id(desk, 'operator')}/switch"
    assert post(administrator, "/settings/", address, active="0").status_code == 303
    assert operator.get("/").status_code == 303
    own = f"/settings/accounts/{user_id(desk, 'admin')}/switch"
    assert post(administrator, "/settings/", own, active="0").status_code == 422


def test_a_new_password_from_an_administrator_ends_the_sessions(
    administrator: FlaskClient, operator: FlaskClient, desk: Desk
) -> None:
    address = f"/settings/accounts/{user_id(desk, 'operator')}/password"
    assert post(administrator, "/settings/", address, password="another password").status_code == 303
    assert operator.get("/").status_code == 303


def test_ones_own_password_is_changed_and_only_this_session_stays(operator: FlaskClient, app: Flask) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, "operator")
    new = {"new": "my new password", "again": "my new password"}
    assert post(operator, "/account", old="wrong", **new).status_code == 422
    assert post(operator, "/account", old=PASSWORDS["operator"], new="my new password", again="x").status_code == 422
    assert post(operator, "/account", old=PASSWORDS["operator"], new="short", again="short").status_code == 422
    assert post(operator, "/account", old=PASSWORDS["operator"], **new).status_code == 303
    assert (operator.get("/").status_code, elsewhere.get("/").status_code) == (200, 303)


def test_a_schedule_is_changed_and_nonsense_is_refused(administrator: FlaskClient, desk: Desk) -> None:
    wanted = {"base": "2", "cap": "30", "attempts": "3", "factor": "1.5"}
    assert post(administrator, "/settings/", "/settings/policies/order_status", **wanted).status_code == 303
    with desk.store.read() as session:
        changed = stored_policies(session.connection())["order_status"]
    assert (changed.base, changed.cap, changed.attempts, changed.factor, changed.jitter) == (2, 30, 3, 1.5, False)
    for field, value in (("base", "0"), ("attempts", "1.5"), ("cap", "inf"), ("factor", "")):
        refused = post(administrator, "/settings/", "/settings/policies/order_status", **(wanted | {field: value}))
        assert refused.status_code == 422
    assert post(administrator, "/settings/", "/settings/policies/nonsense", **wanted).status_code == 404


def test_what_was_done_is_in_the_audit(administrator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, status="review")
    review.resolve(desk, failure, actor="operator", reason="<i>by hand</i>")
    page = administrator.get("/audit", headers=EN).text
    rows = page.partition("<tbody>")[2]
    assert "Resolved by hand" in rows and "&lt;i&gt;by hand&lt;/i&gt;" in page and f"/failures/{failure}" in page


def test_the_audit_is_narrowed_by_its_filters(administrator: FlaskClient, desk: Desk) -> None:
    for actor in ("operator", "admin"):
        review.comment(desk, make_failure(desk), actor=actor, text=f"said by {actor}")
    page = administrator.get("/audit?actor=operator&action=failure.comment", headers=EN).text
    assert "said by operator" in page and "said by admin" not in page
    assert 'value="operator"' in page and '<option value="failure.comment" selected>' in page
    assert "Nothing matches" in administrator.get("/audit?subject=nothing", headers=EN).text
    assert administrator.get("/audit?since=nonsense").status_code == 422


def test_a_target_is_paused_and_goes_on(administrator: FlaskClient, operator: FlaskClient) -> None:
    assert post(administrator, "/targets", "/targets/warehouse-db/pause").status_code == 303
    assert "Paused by a person" in operator.get("/targets", headers=EN).text
    assert "/targets/warehouse-db/resume" not in operator.get("/targets").text
    assert post(administrator, "/targets", "/targets/warehouse-db/resume").status_code == 303
    assert post(administrator, "/targets", "/targets/nonsense/pause").status_code == 404
