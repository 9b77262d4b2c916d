"""GET /api/v1/failures/{id}."""

import base64
import json

import pytest

from app.ids import new_id
from app.routes.api.schemas.failures import FailureAnswer
from tests import factories
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure
from tests.queries.counting import counted

URL = "/api/v1/failures"


@pytest.fixture
def reported(client, admin):
    def report(body: bytes) -> dict[str, object]:
        answer = client.post(
            URL, data=body, content_type="application/json", headers=admin | {"Idempotency-Key": new_id()}
        )
        shown = client.get(f"{URL}/{answer.json['id']}", headers=admin)
        assert shown.status_code == 200
        return dict(shown.json)

    return report


def test_everything_that_was_sent_is_shown(reported) -> None:
    sent = factories.report(
        remedy=STOCK_DECREMENT, payload={"a": [1, "ё"]}, custom={"deep": True}, occurredAt="2026-11-22T01:02:03Z",
        shipBy="2026-11-22T16:00:00Z", traceparent="00-1-1-01", review=True,
        error={"type": "T", "message": "m", "status": 503, "detail": "stack", "more": 1},
    )
    shown = reported(json.dumps(sent).encode())
    assert {name: shown[name] for name in sent} == sent


def test_what_became_of_it_is_shown(reported) -> None:
    shown = reported(factories.body())
    assert shown.items() >= {"status": "review", "version": 1, "assignee": None, "nextAttemptAt": None,
                             "leaseUntil": None, "remedy": None, "attempts": []}.items()
    assert shown["reason"]
    assert shown["createdAt"] == "2026-11-22T09:00:00Z"
    assert shown["groupId"]
    (event,) = shown["events"]
    assert (event["at"], event["from"], event["to"]) == ("2026-11-22T09:00:00Z", None, "review")
    assert {"actor", "reason", "action"} <= event.keys()


def test_a_sent_field_with_one_of_our_names_hides_nothing(reported) -> None:
    shown = reported(factories.body(status="mine", version="old", events=3))
    assert (shown["status"], shown["version"]) == ("review", 1)
    assert shown["sent"] == {"status": "mine", "version": "old", "events": 3}


def test_the_message_is_cut_at_10000_characters_with_a_mark(reported) -> None:
    shown = reported(factories.body(error={"type": "T", "message": "x" * 10_001}))
    assert len(shown["error"]["message"]) == 10_000
    assert shown["error"]["message"].endswith("…[cut]")


def test_oddities_are_marked(reported) -> None:
    shown = reported(
        rb'{"source": "warehouse", "operation": "x", "kind": "http", "orderId": "a\u0000\ud800", "number": 1e999,'
        rb'"error": {"type": "T", "message": "\udfff"}, "long": ' + b"9" * 6000 + b"}"
    )
    assert shown["orderId"] == "a\ufffd\ufffd"
    assert shown["error"]["message"] == "\ufffd"
    assert shown["number"].startswith("1e999 ")
    assert shown["long"].startswith("999")
    assert len(shown["long"]) < 200


def test_secrets_are_masked(reported) -> None:
    shown = reported(factories.body(
        payload={"card": "4111 1111 1111 1111", "password": "hunter2"}, apiKey="hunter2",
        error={"type": "T", "message": "Bearer hunter2hunter2", "detail": "token=hunter2"},
        remedy={"type": "http_request", "target": "inventory", "path": "/x", "headers": {"X-Token": "hunter2"},
                "body": {"cvv": "hunter2"}},
    ))
    assert "hunter2" not in json.dumps(shown)
    assert "1111" not in json.dumps(shown)
    assert shown["payload"]["password"] == "••••"


def test_a_dead_letter_is_shown_exactly(desk, client, admin) -> None:
    body = b'{"orderId" : "536365", "n": 1.0}'
    failure_id = make_failure(
        desk, remedy=STATUS_MESSAGE, raw=body, via="dlq", queue="orders.status.dlq", message_id="m-1", kind="message",
        headers={"a": 1},
    )
    shown = client.get(f"{URL}/{failure_id}", headers=admin).json
    assert shown["raw"] == {
        "queue": "orders.status.dlq", "bodyBase64": base64.b64encode(body).decode(), "contentType": "application/json",
        "headers": {"a": 1}, "messageId": "m-1",
    }
    assert shown["payload"] == {"orderId": "536365", "n": 1.0}


def test_what_cannot_be_read_is_shown_as_its_bytes(desk, client, admin) -> None:
    failure_id = make_failure(desk, raw=b"\xff\x00{", via="queue", queue="failures.intake")
    shown = client.get(f"{URL}/{failure_id}", headers=admin).json
    assert base64.b64decode(shown["raw"]["bodyBase64"]) == b"\xff\x00{"


def test_the_answer_is_what_the_documentation_says(reported) -> None:
    shown = reported(factories.body(remedy=STOCK_DECREMENT))
    assert not FailureAnswer.__pydantic_fields__.keys() - {"from_"} - shown.keys()


@pytest.mark.parametrize("failure_id", ["01a2015a-0000-7000-8000-000000000000", "nonsense", "%00", "x" * 300])
def test_an_unknown_id_is_404(client, admin, failure_id) -> None:
    answer = client.get(f"{URL}/{failure_id}", headers=admin)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_service_token_gets_403_before_404(client, warehouse) -> None:
    assert client.get(f"{URL}/{new_id()}", headers=warehouse).status_code == 403


def test_a_failure_costs_four_statements(desk, client, admin) -> None:
    failure_id = make_failure(desk)
    with counted(desk) as statements:
        client.get(f"{URL}/{failure_id}", headers=admin)
    assert len(statements) == 4
