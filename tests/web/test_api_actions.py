"""POST /api/v1/failures/{id}/…: a person's acts."""

import pytest
from sqlalchemy import select

from app.ids import new_id
from app.models.audit import AuditEntry
from app.models.failure import Failure
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop

REASON = {"reason": "because"}
ACTS = {
    "retry": {}, "preview": {}, "assign": {"assignee": "anna"}, "comment": {"text": "called them"},
    "resolve": REASON, "discard": REASON, "reopen": REASON,
}


@pytest.fixture
def act(client, admin, desk):
    make_shop(desk)

    def post(failure_id: str, verb: str, body: object = None, headers: dict[str, str] | None = None):
        return client.post(f"/api/v1/failures/{failure_id}/{verb}", json=body, headers=headers or admin)

    return post


def test_retry_schedules_it_at_once_and_answers_the_failure(desk, act, clock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    answer = act(failure_id, "retry", {"reason": "stock is there"})
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["nextAttemptAt"]) == ("scheduled", "2026-11-22T09:00:00Z")
    assert answer.json["events"][-1].items() >= {
        "actor": "token:admin", "from": "review", "to": "scheduled", "reason": "stock is there"}.items()


def test_retry_needs_no_body(desk, client, admin) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    assert client.post(f"/api/v1/failures/{failure_id}/retry", headers=admin).status_code == 200


def test_retry_takes_a_corrected_remedy(desk, act) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    edited = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 3}]}
    answer = act(failure_id, "retry", {"remedy": edited})
    assert answer.json["remedy"] == edited
    assert answer.json["sent"]["remedy"] == STOCK_DECREMENT


def test_a_corrected_remedy_keeps_the_secrets_that_were_shown_masked(desk, act, client, admin) -> None:
    remedy = {"type": "http_request", "target": "inventory", "method": "POST", "path": "/x", "body": {"address": "old"},
              "headers": {"X-Token": "hunter2"}}
    failure_id = make_failure(desk, remedy=remedy, status="review")
    shown = client.get(f"/api/v1/failures/{failure_id}", headers=admin).json["remedy"]
    assert shown["headers"]["X-Token"] == "••••"
    assert act(failure_id, "retry", {"remedy": shown | {"body": {"address": "new"}}}).status_code == 200
    with desk.store.read() as session:
        assert session.get_one(Failure, failure_id).remedy == remedy | {"body": {"address": "new"}}


@pytest.mark.parametrize(
    "remedy",
    [3, {"type": "fax"}, STOCK_DECREMENT | {"operationId": "other"}, STOCK_DECREMENT | {"components": []},
     {"type": "http_request", "target": "nowhere", "path": "/x"}],
)
def test_a_bad_remedy_is_422_and_changes_nothing(desk, act, remedy) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    for verb in ("retry", "preview"):
        answer = act(failure_id, verb, {"remedy": remedy})
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"].startswith("/remedy")
    with desk.store.read() as session:
        assert session.get_one(Failure, failure_id).version == 1


def test_retry_without_any_remedy_is_422(desk, act) -> None:
    failure_id = make_failure(desk)
    assert act(failure_id, "retry", {}).status_code == 422
    assert act(failure_id, "preview", {}).status_code == 422


def test_a_failure_without_a_remedy_takes_one_from_a_person(desk, act) -> None:
    failure_id = make_failure(desk)
    remedy = {"type": "stock_decrement", "orderId": "1", "components": [{"componentId": "leg", "quantity": 1}]}
    answer = act(failure_id, "retry", {"remedy": remedy})
    assert (answer.status_code, answer.json["status"]) == (200, "scheduled")


def test_preview_tells_what_would_happen(desk, act) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    answer = act(failure_id, "preview", {})
    assert (answer.status_code, answer.json["outcome"]) == (200, "would_fail")
    assert answer.json.keys() == {"outcome", "changes", "reason"}
    message = make_failure(desk, remedy=STATUS_MESSAGE)
    assert act(message, "preview").json == {
        "outcome": "would_apply", "reason": None,
        "changes": [{"what": "messages on orders.status", "before": 0, "after": 1}],
    }


def test_assign_comment_resolve_discard_and_reopen_answer_the_failure(desk, act) -> None:
    failure_id = make_failure(desk)
    assert act(failure_id, "assign", {"assignee": "anna"}).json["assignee"] == "anna"
    assert act(failure_id, "assign", {"assignee": None}).json["assignee"] is None
    assert act(failure_id, "comment", {"text": "called them"}).json["events"][-1]["reason"] == "called them"
    assert act(failure_id, "resolve", {"reason": "by hand"}).json["status"] == "resolved"
    assert act(failure_id, "reopen", {"reason": "not yet"}).json["status"] == "review"
    assert act(failure_id, "discard", {"reason": "a test"}).json["status"] == "discarded"


@pytest.mark.parametrize("verb", ["resolve", "discard", "reopen", "comment"])
@pytest.mark.parametrize("words", ["", " \n\t", "\u00a0", None, 3])
def test_blank_words_are_422(desk, act, verb, words) -> None:
    failure_id = make_failure(desk, status="resolved" if verb == "reopen" else "review")
    field = "text" if verb == "comment" else "reason"
    answer = act(failure_id, verb, {field: words})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{field}")
    assert act(failure_id, verb, {}).status_code == 422


@pytest.mark.parametrize(
    ("status", "verb"),
    [("running", "retry"), ("sent", "retry"), ("running", "resolve"), ("sent", "discard"), ("review", "reopen"),
     ("resolved", "retry"), ("discarded", "resolve"), ("scheduled", "reopen"), ("running", "comment"),
     ("sent", "assign")],
)
def test_an_act_that_the_status_forbids_is_409_with_the_status(desk, act, status, verb) -> None:
    failure_id = make_failure(desk, remedy=STATUS_MESSAGE, status=status)
    answer = act(failure_id, verb, ACTS[verb])
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json["currentStatus"] == status


def test_a_version_that_is_no_longer_is_409(desk, act) -> None:
    failure_id = make_failure(desk)
    assert act(failure_id, "comment", {"text": "one", "version": 1}).status_code == 200
    for verb in ("comment", "assign", "resolve", "discard"):
        answer = act(failure_id, verb, ACTS[verb] | {"version": 1})
        assert (answer.status_code, answer.json["currentStatus"]) == (409, "review")
    assert act(failure_id, "resolve", REASON | {"version": 2}).status_code == 200


@pytest.mark.parametrize("verb", ACTS)
def test_an_unknown_failure_is_404(act, verb) -> None:
    assert act(new_id(), verb, ACTS[verb]).status_code == 404
    assert act("nonsense", verb, ACTS[verb]).status_code == 404


@pytest.mark.parametrize("verb", [*ACTS, "confirm"])
def test_who_may_not_is_told_so_before_anything_else(act, warehouse, client, verb) -> None:
    assert client.post(f"/api/v1/failures/{new_id()}/{verb}", json={"reason": 3}).status_code == 401
    if verb != "confirm":
        assert act(new_id(), verb, {"reason": 3}, warehouse).status_code == 403


@pytest.mark.parametrize("verb", ["retry", "resolve"])
def test_a_body_that_is_not_json_is_400_and_another_type_is_415(desk, client, admin, verb) -> None:
    url = f"/api/v1/failures/{make_failure(desk, remedy=STOCK_DECREMENT)}/{verb}"
    assert client.post(url, data=b"{", content_type="application/json", headers=admin).status_code == 400
    assert client.post(url, data=b"a=b", headers=admin).status_code == 415
    assert client.post(url, json=[], headers=admin).status_code == 422
    for length in (1024 * 1024 + 1, 2 * 1024 * 1024):
        too_long = b'"' + b"x" * (length - 2) + b'"'
        assert client.post(url, data=too_long, content_type="application/json", headers=admin).status_code == 413


def test_every_act_is_in_the_audit(desk, act) -> None:
    failure_id = make_failure(desk)
    act(failure_id, "resolve", {"reason": "by hand"})
    with desk.store.read() as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.actor, entry.failure_id, entry.reason) == ("token:admin", failure_id, "by hand")


def test_hostile_text_in_a_reason_is_stored_readably(desk, act) -> None:
    failure_id = make_failure(desk)
    answer = act(failure_id, "resolve", {"reason": "a\x00b\ud800"})
    assert answer.json["events"][-1]["reason"] == "a\ufffdb\ufffd"


@pytest.fixture
def sent(desk) -> str:
    return make_failure(desk, remedy=STATUS_MESSAGE, status="sent", source="warehouse", attempts_made=2,
                        operation="orders.status")


def test_a_confirmation_resolves(sent, act, client, admin, warehouse) -> None:
    answer = act(sent, "confirm", {"attempt": 2}, warehouse)
    assert (answer.status_code, answer.json) == (200, {"id": sent, "status": "resolved"})
    assert client.get(f"/api/v1/failures/{sent}", headers=admin).json["status"] == "resolved"


def test_a_confirmation_of_another_attempt_is_409(sent, act) -> None:
    answer = act(sent, "confirm", {"attempt": 1})
    assert (answer.status_code, answer.json["currentStatus"]) == (409, "sent")


@pytest.mark.parametrize("body", [{}, {"attempt": "2"}, {"attempt": True}, {"attempt": None}])
def test_a_confirmation_without_a_number_is_422(sent, act, body) -> None:
    assert act(sent, "confirm", body).status_code == 422


def test_a_confirmation_of_another_source_is_403(desk, act, warehouse) -> None:
    other = make_failure(desk, remedy=STATUS_MESSAGE, status="sent", source="payments", attempts_made=1)
    assert act(other, "confirm", {"attempt": 1}, warehouse).status_code == 403
    assert act(new_id(), "confirm", {"attempt": 1}, warehouse).status_code == 404
