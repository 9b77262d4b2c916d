"""Tokens of programs: made by administrators, shown once, bound, running out, revoked, and marked as used."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.desk import Desk
from app.domain.permissions import Permission
from app.errors import Invalid
from app.models.account import ApiToken
from app.models.audit import AuditEntry
from app.services import tokens
from app.services.tokens import Wanted
from tests import factories
from tests.conftest import bearer
from tests.fakes import FakeClock
from tests.looking import rows
from tests.queries.counting import counted
from tests.services.test_intake_races import AT_ONCE, at_once
from tests.web.people import post

URL = "/api/v1/tokens"
REPORTER = {"name": "shipping", "source": "shipping", "scopes": ["intake:report"]}
READER = {"name": "board", "scopes": ["desk:read"], "days": 10}
EN = {"Accept-Language": "en"}


def made(client: FlaskClient, admin: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = client.post(URL, json=READER | changes, headers=admin)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def reads(client: FlaskClient, token: str) -> int:
    return int(client.get("/api/v1/failures", headers=bearer(token)).status_code)


def last_used(desk: Desk) -> list[Any]:
    return [row.last_used_at for row in rows(desk, select(ApiToken.last_used_at))]


def test_a_token_is_told_once_and_stored_as_its_hash(client: FlaskClient, admin: dict[str, str], desk: Desk) -> None:
    answer = client.post(URL, json=READER, headers=admin)
    secret = answer.json["token"]
    assert answer.headers["Cache-Control"] == "no-store" and secret.startswith("dlo_")
    (stored,) = rows(desk, select(ApiToken.__table__))
    assert secret not in str(stored) and stored.digest == tokens.digest(secret)
    listed = client.get(URL, headers=admin)
    assert secret not in listed.text and listed.json["items"][0]["name"] == "board"
    (entry,) = rows(desk, select(AuditEntry.action, AuditEntry.subject, AuditEntry.after))
    assert entry[:2] == ("token.create", "board") and secret not in str(entry.after)


def test_a_token_for_reports_speaks_for_its_source_alone(client: FlaskClient, admin: dict[str, str]) -> None:
    token = client.post(URL, json=REPORTER, headers=admin).json["token"]
    for source, expected in (("shipping", 202), ("warehouse", 403)):
        headers = bearer(token) | {"Idempotency-Key": source}
        answer = client.post("/api/v1/failures", json=factories.report(source=source), headers=headers)
        assert answer.status_code == expected
    assert reads(client, token) == 403


def test_a_token_runs_out(client: FlaskClient, admin: dict[str, str], clock: FakeClock) -> None:
    token = made(client, admin)["token"]
    clock.advance(timedelta(days=10).total_seconds() - 1)
    assert reads(client, token) == 200
    clock.advance(3)
    assert reads(client, token) == 401


def test_two_of_a_name_are_valid_at_once_so_that_one_takes_the_others_place(
    client: FlaskClient, admin: dict[str, str], clock: FakeClock
) -> None:
    old, new = made(client, admin), made(client, admin)
    assert [reads(client, each["token"]) for each in (old, new)] == [200, 200]
    assert client.post(URL, json=READER, headers=admin).json["errors"][0]["pointer"] == "/name"
    assert client.post(f"{URL}/{old['id']}/revoke", headers=admin).json["name"] == "board"
    clock.advance(2)
    assert [reads(client, each["token"]) for each in (old, new)] == [401, 200]
    made(client, admin)
    clock.advance(timedelta(days=10).total_seconds())
    made(client, admin)  # those that have run out do not count


def test_of_many_who_make_one_at_once_two_succeed(desk: Desk) -> None:
    wanted = Wanted("board", None, (Permission.READ,), 10)

    def make(_number: int) -> str:
        try:
            tokens.create(desk, wanted, actor="admin", own=[Permission.READ])
        except Invalid:
            return "refused"
        return "made"

    assert at_once(make).count("made") == 2
    assert len(rows(desk, select(ApiToken.id))) == 2 and AT_ONCE > 2


def test_a_revoked_token_is_gone_for_ever_and_the_audit_tells_of_it(
    client: FlaskClient, admin: dict[str, str], desk: Desk
) -> None:
    number = made(client, admin)["id"]
    assert client.post(f"{URL}/{number}/revoke", headers=admin).status_code == 200
    for unknown in (number, 2**31 - 1, 2**31, 10**30):
        assert client.post(f"{URL}/{unknown}/revoke", headers=admin).status_code == 404
    assert rows(desk, select(AuditEntry.action))[-1][0] == "token.revoke"


def test_when_a_token_was_used_is_written_once_a_minute_and_not_with_each_request(
    client: FlaskClient, admin: dict[str, str], desk: Desk, clock: FakeClock
) -> None:
    token = client.post(URL, json=REPORTER, headers=admin).json["token"]

    def report(key: str) -> bool:
        """Report, and tell whether the use was written."""
        with counted(desk) as sent:
            headers = bearer(token) | {"Idempotency-Key": key}
            body = factories.report(source="shipping")
            assert client.post("/api/v1/failures", json=body, headers=headers).status_code == 202
        marks = [place for place, statement in enumerate(sent) if statement.startswith("UPDATE api_tokens")]
        assert not any(statement.startswith("INSERT") for place in marks for statement in sent[:place])
        return bool(marks)

    assert last_used(desk) == [None]
    assert report("1") and last_used(desk) == [clock()]
    for key in ("2", "3"):
        clock.advance(20)
        assert not report(key)
    clock.advance(21)
    assert report("4") and last_used(desk) == [clock()]


def test_a_use_that_cannot_be_written_refuses_nobody(
    client: FlaskClient, admin: dict[str, str], desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    token = made(client, admin)["token"]
    full = "CREATE TRIGGER full BEFORE UPDATE ON api_tokens BEGIN SELECT RAISE(ABORT, 'full'); END"
    with desk.store.connect() as connection:
        connection.execute(text(
            full if desk.store.is_sqlite else "ALTER TABLE api_tokens ADD CHECK (last_used_at IS NULL)"))
    assert reads(client, token) == 200
    assert "could not be written down" in caplog.text and last_used(desk) == [None]


@pytest.mark.parametrize("field, value, pointer", [
    ("name", "", "/name"), ("name", "a b", "/name"), ("name", "a:b", "/name"), ("name", "x" * 81, "/name"),
    ("name", "admin", "/name"), ("name", "traffic", "/name"), ("scopes", [], "/scopes"),
    ("scopes", ["no:such"], "/scopes/0"), ("scopes", ["intake:report"], "/source"), ("source", "orders", "/source"),
    ("days", 0, "/days"), ("days", 367, "/days"), ("days", "7", "/days"),
])
def test_a_token_that_cannot_be_is_refused(
    client: FlaskClient, admin: dict[str, str], field: str, value: Any, pointer: str
) -> None:
    answer = client.post(URL, json=READER | {field: value}, headers=admin)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_nobody_hands_on_more_than_they_may_do_themselves(client: FlaskClient, admin: dict[str, str]) -> None:
    clerk = bearer(made(client, admin, name="clerk", scopes=["settings:administer", "desk:read"])["token"])
    assert client.post(URL, json=READER, headers=clerk).status_code == 201
    assert client.post(URL, json=REPORTER, headers=clerk).status_code == 201
    for scope in ("queues:administer", "audit:read"):
        answer = client.post(URL, json=READER | {"scopes": [scope]}, headers=clerk)
        assert answer.json["errors"][0]["pointer"] == "/scopes"


def test_who_may_not_is_refused(client: FlaskClient, warehouse: dict[str, str], operator: FlaskClient) -> None:
    for answer in (client.get(URL, headers=warehouse), client.post(URL, json=READER, headers=warehouse),
                   client.post(f"{URL}/1/revoke", headers=warehouse), post(operator, "/", "/settings/tokens")):
        assert answer.status_code == 403


def test_an_administrator_makes_one_on_the_page_sees_it_once_and_revokes_it(
    administrator: FlaskClient, client: FlaskClient, desk: Desk
) -> None:
    page = post(administrator, "/settings/", "/settings/tokens", name="board", days="5", scopes="desk:read")
    secret = page.text.partition('id="secret" readonly value="')[2].partition('"')[0]
    assert (page.status_code, reads(client, secret)) == (201, 200)
    later = administrator.get("/settings/", headers=EN).text
    assert secret not in later and "board" in later and "read what the desk shows" in later
    (number,) = rows(desk, select(ApiToken.id))[0]
    assert post(administrator, "/settings/", f"/settings/tokens/{number}/revoke").status_code == 303
    assert rows(desk, select(ApiToken.id)) == []


@pytest.mark.parametrize("field, value", [("name", "a b"), ("days", "many"), ("scopes", "no:such")])
def test_what_was_wrong_on_the_page_is_told_and_what_was_typed_stays(
    administrator: FlaskClient, field: str, value: str
) -> None:
    form = {"name": "board", "days": "5", "scopes": "desk:read"} | {field: value}
    page = post(administrator, "/settings/", "/settings/tokens", **form)
    assert page.status_code == 422 and 'role="alert"' in page.text and f'value="{form["name"]}"' in page.text
