"""POST /api/v1/failures and its errors."""

import io
import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.desk import Desk
from app.models.failure import Failure
from tests import factories
from tests.conftest import bearer

URL = "/api/v1/failures"


def post(client: FlaskClient, headers: dict[str, str], body: bytes, key: str | None = "k-1", **more: object):
    keyed = headers | ({"Idempotency-Key": key} if key is not None else {})
    return client.post(URL, data=body, headers=keyed, **({"content_type": "application/json"} | more))


def stored(desk: Desk) -> int:
    with desk.store.read() as session:
        return session.scalar(select(func.count()).select_from(Failure)) or 0


def test_a_report_is_stored_and_answered_with_its_place(client, warehouse, desk) -> None:
    answer = post(client, warehouse, factories.body(remedy=factories.STOCK_DECREMENT))
    assert answer.status_code == 202
    assert answer.json.keys() == {"id", "status", "nextAttemptAt", "url"}
    assert answer.json["status"] == "scheduled"
    assert answer.json["nextAttemptAt"].endswith("Z")
    assert answer.json["url"] == answer.headers["Location"] == f"http://127.0.0.1:8080{URL}/{answer.json['id']}"
    assert stored(desk) == 1


def test_a_report_without_a_remedy_goes_to_review(client, warehouse) -> None:
    answer = post(client, warehouse, factories.body())
    assert (answer.json["status"], answer.json["nextAttemptAt"]) == ("review", None)


def test_the_same_report_again_gets_the_first_answer(client, warehouse, desk) -> None:
    first = post(client, warehouse, factories.body(amount=1))
    again = post(client, warehouse, json.dumps(factories.report(amount=1.0), indent=1).encode())
    assert (again.status_code, again.json, again.headers["Idempotent-Replayed"]) == (200, first.json, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert stored(desk) == 1


def test_the_same_key_with_another_body_is_refused(client, warehouse, desk) -> None:
    post(client, warehouse, factories.body())
    answer = post(client, warehouse, factories.body(orderId="other"))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert stored(desk) == 1


def test_every_fault_is_listed_by_its_pointer(client, warehouse) -> None:
    answer = post(client, warehouse, factories.body(kind="fax", error={"message": 3}, operation=""))
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == {
        "/kind", "/error/type", "/error/message", "/operation",
    }
    assert answer.json.keys() >= {"type", "title", "status", "detail", "errors"}


@pytest.mark.parametrize("key", [None, "", "k" * 256])
def test_a_missing_or_endless_key_is_refused(client, warehouse, key) -> None:
    assert post(client, warehouse, factories.body(), key=key).status_code == 422


def test_a_key_of_255_characters_is_taken(client, warehouse) -> None:
    assert post(client, warehouse, factories.body(), key="k" * 255).status_code == 202


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": NaN}', b"\xef\xbb\xbf{}"])
def test_what_is_not_json_is_refused_with_400(client, warehouse, body) -> None:
    answer = post(client, warehouse, body)
    assert (answer.status_code, answer.json["status"]) == (400, 400)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"[" * 200_000 + b"]" * 200_000])
def test_what_is_json_but_no_report_is_refused_with_422(client, warehouse, body) -> None:
    assert post(client, warehouse, body).status_code == 422


@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}])
def test_no_or_a_bad_token_is_401(client, headers) -> None:
    answer = post(client, headers, b"not even json")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.mimetype == "application/problem+json"


def test_a_token_of_another_source_is_403_before_any_fault(client, warehouse, desk) -> None:
    assert post(client, warehouse, factories.body(source="orders", kind="fax")).status_code == 403
    assert stored(desk) == 0


def test_the_administrators_token_speaks_for_every_source(client, admin) -> None:
    assert post(client, admin, factories.body(source="orders")).status_code == 202


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", None])
def test_another_content_type_is_415(client, warehouse, content_type) -> None:
    assert post(client, warehouse, factories.body(), content_type=content_type).status_code == 415


def test_parameters_of_the_content_type_are_allowed(client, warehouse) -> None:
    answer = post(client, warehouse, factories.body(), content_type="Application/JSON; charset=utf-8")
    assert answer.status_code == 202


def sized(length: int) -> bytes:
    return factories.body(payload="x" * (length - len(factories.body(payload=""))))


def test_a_body_of_1_mib_is_taken_and_one_byte_more_is_413(client, warehouse) -> None:
    assert post(client, warehouse, sized(1024 * 1024)).status_code == 202
    answer = post(client, warehouse, sized(1024 * 1024 + 1), key="k-2")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


@pytest.mark.parametrize(("length", "status"), [(1024 * 1024, 202), (1024 * 1024 + 1, 413), (3 * 1024 * 1024, 413)])
def test_a_chunked_body_is_bounded_too(client, warehouse, length, status) -> None:
    answer = client.post(
        URL, input_stream=io.BytesIO(sized(length)), content_type="application/json",
        headers=warehouse | {"Idempotency-Key": "k", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == status


def test_hostile_text_is_taken(client, warehouse, desk) -> None:
    body = rb'{"source": "warehouse", "operation": "x", "kind": "http", "orderId": "\u0000\ud800", "number": 1e999,' \
           rb'"error": {"type": "T", "message": "\udfff"}, "long": ' + b"9" * 6000 + b"}"
    assert post(client, warehouse, body).status_code == 202


def test_a_store_that_cannot_be_reached_is_503(client, warehouse, break_store) -> None:
    break_store()
    answer = post(client, warehouse, factories.body())
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_broker_that_is_away_does_not_disturb_intake(client, warehouse, broker) -> None:
    broker.away = True
    assert post(client, warehouse, factories.body()).status_code == 202
