"""Who may call the API: tokens of the settings, the instance folder and the database, and sessions."""

import hashlib

import pytest
from sqlalchemy import delete

from app.models.account import ApiToken
from tests import factories
from tests.conftest import bearer
from tests.factories import make_failure
from tests.queries.counting import counted
from tests.web.people import token

URL = "/api/v1/failures"


def add_token(desk, clock, token: str, scopes: list[str], source: str | None = None) -> None:
    digest = hashlib.sha256(token.encode()).hexdigest()
    with desk.store.write() as session:
        session.add(ApiToken(name="script", digest=digest, source=source, scopes=scopes, created_at=clock()))


def status(client, token: str) -> int:
    return int(client.get(URL, headers=bearer(token)).status_code)


def test_a_stored_token_may_do_what_its_scopes_say(desk, client, clock) -> None:
    add_token(desk, clock, "reader", ["desk:read", "no:such"])
    assert status(client, "reader") == 200
    assert client.post("/api/v1/bulk", json={}, headers=bearer("reader")).status_code == 403


def test_a_revoked_token_ends_within_seconds(desk, client, clock) -> None:
    add_token(desk, clock, "reader", ["desk:read"])
    assert status(client, "reader") == 200
    with desk.store.write() as session:
        session.execute(delete(ApiToken))
    clock.advance(2)
    assert status(client, "reader") == 401


def test_a_new_token_works_at_once(desk, client, clock) -> None:
    assert status(client, "reader") == 401
    add_token(desk, clock, "reader", ["desk:read"])
    assert status(client, "reader") == 200


def test_a_stored_token_speaks_for_its_source_alone(desk, client, clock) -> None:
    add_token(desk, clock, "shipper", ["intake:report"], "shipping")
    for source, expected in (("shipping", 202), ("warehouse", 403)):
        answer = client.post(URL, json=factories.report(source=source),
                             headers=bearer("shipper") | {"Idempotency-Key": source})
        assert answer.status_code == expected


def test_a_known_token_costs_no_statement(desk, client, admin) -> None:
    client.get(URL, headers=admin)
    with counted(desk) as statements:
        client.get(URL, headers=admin)
    assert len(statements) == 1


class TestGeneratedTokens:
    @pytest.fixture
    def environment(self, environment) -> dict[str, str]:
        return {name: value for name, value in environment.items() if name != "DLO_SERVICE_TOKENS"}

    def test_tokens_of_the_instance_folder_work(self, desk, client) -> None:
        (desk.settings.instance / "service_tokens").write_text("shipping=generated-one,orders=generated-two\n")
        (desk.settings.instance / "traffic_token").write_text("generated-three\n")
        answer = client.post(URL, json=factories.report(source="shipping"),
                             headers=bearer("generated-one") | {"Idempotency-Key": "k"})
        assert answer.status_code == 202
        assert (status(client, "generated-two"), status(client, "generated-three")) == (403, 200)


@pytest.mark.parametrize("header", ["", "Bearer ", "Token abc", "Bearer a b", "bearer\tx", "Bearer \u00e9"])
def test_an_odd_header_is_401(client, header) -> None:
    assert client.get(URL, headers={"Authorization": header}).status_code == 401


def csrf(browser) -> dict[str, str]:
    return {"X-CSRFToken": token(browser.get("/"))}


def test_a_session_is_taken_only_with_its_csrf_token(operator) -> None:
    assert operator.get(URL).status_code == 401
    assert operator.get(URL, headers={"X-CSRFToken": "wrong"}).status_code == 401
    assert operator.get(URL, headers=csrf(operator)).status_code == 200


def test_a_csrf_token_without_its_session_is_worth_nothing(client, operator) -> None:
    assert client.get(URL, headers=csrf(operator)).status_code == 401


def test_a_wrong_token_is_401_whatever_the_session(operator) -> None:
    assert operator.get(URL, headers=csrf(operator) | bearer("wrong")).status_code == 401


def test_a_session_may_do_what_its_roles_may(desk, operator, administrator) -> None:
    failure_id = make_failure(desk)
    comment = operator.post(f"{URL}/{failure_id}/comment", json={"text": "hello"}, headers=csrf(operator))
    assert comment.json["events"][-1]["actor"] == "operator"
    assert operator.get("/api/v1/audit", headers=csrf(operator)).status_code == 403
    assert administrator.get("/api/v1/audit", headers=csrf(administrator)).status_code == 200
    report = administrator.post(URL, json=factories.report(), headers=csrf(administrator) | {"Idempotency-Key": "k"})
    assert report.status_code == 403
