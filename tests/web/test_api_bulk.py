"""POST /api/v1/bulk and what follows."""

import hashlib

import pytest
from sqlalchemy import select

from app.ids import new_id
from app.models.account import ApiToken
from app.models.audit import AuditEntry
from app.services import bulk
from tests.conftest import bearer
from tests.factories import STOCK_DECREMENT, make_failure, make_shop

URL = "/api/v1/bulk"
RESOLVE = {"action": "resolve", "filter": {"status": "review"}, "reason": "all done by hand"}


@pytest.fixture
def post(client, admin, desk):
    make_shop(desk)
    return lambda body, headers=None: client.post(URL, json=body, headers=headers or admin)


@pytest.fixture
def operators_token(desk, clock) -> dict[str, str]:
    with desk.store.write() as session:
        session.add(ApiToken(
            name="operators-script", digest=hashlib.sha256(b"an-operators-token").hexdigest(), source=None,
            scopes=["desk:read", "failures:review", "bulk:run"], created_at=clock(),
        ))
    return bearer("an-operators-token")


def test_a_bulk_operation_begins_with_its_total_and_its_place(desk, client, post, admin) -> None:
    made = [make_failure(desk) for _ in range(3)]
    answer = post(RESOLVE)
    assert answer.status_code == 202
    bulk_id = answer.json["id"]
    assert answer.json == {"id": bulk_id, "total": 3, "url": f"http://127.0.0.1:8080{URL}/{bulk_id}"}
    assert answer.headers["Location"] == answer.json["url"]
    while bulk.run_some(desk):
        pass
    shown = client.get(f"{URL}/{bulk_id}", headers=admin).json
    assert shown.items() >= {
        "total": 3, "pending": 0, "succeeded": 3, "failed": 0, "skipped": 0, "status": "done"}.items()
    assert {(item["id"], item["outcome"], item["detail"]) for item in shown["items"]} == {
        (failure_id, "succeeded", None) for failure_id in made}


def test_named_failures_may_be_given_too(desk, post) -> None:
    named = make_failure(desk)
    make_failure(desk)
    body = {"action": "retry", "ids": [named, new_id()], "reason": "x", "ratePerSecond": 5,
            "canary": {"steps": [1, 5], "stopAbove": 0.2}}
    assert (post(body).status_code, post(body).json["total"]) == (202, 2)


def test_items_are_paged(desk, client, post, admin) -> None:
    for _ in range(5):
        make_failure(desk)
    bulk_id = post(RESOLVE).json["id"]
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{URL}/{bulk_id}?limit=2&cursor={cursor}", headers=admin).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["nextCursor"]
    assert len(set(seen)) == len(seen) == 5
    assert client.get(f"{URL}/{bulk_id}?outcome=failed", headers=admin).json["items"] == []
    assert len(client.get(f"{URL}/{bulk_id}?outcome=pending", headers=admin).json["items"]) == 5


def test_a_dry_run_answers_the_count_and_the_changes(desk, post) -> None:
    make_failure(desk)
    make_failure(desk, remedy=STOCK_DECREMENT, status="running")
    answer = post(RESOLVE | {"filter": {}, "dryRun": True})
    assert answer.status_code == 200
    assert answer.json["total"] == 2
    assert {(row["before"], row["after"], row["count"]) for row in answer.json["changes"]} == {
        ("review", "resolved", 1), ("running", None, 1)}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"action": "explode"}, "/action"), ({"filter": {"statsu": "review"}}, "/filter/statsu"),
        ({"filter": {"status": "lost"}}, "/filter/status"), ({"filter": None}, ""), ({"ids": ["x"]}, ""),
        ({"reason": " "}, ""), ({"ratePerSecond": 0}, "/ratePerSecond"), ({"ratePerSecond": -1}, "/ratePerSecond"),
        ({"canary": {"steps": [], "stopAbove": 0.2}}, "/canary/steps"), ({"dryrun": True}, "/dryrun"),
        ({"canary": {"steps": [1], "stopAbove": 2}}, "/canary/stopAbove"), ({"action": "assign"}, ""),
        ({"assignee": "x"}, ""), ({"action": "replay"}, "/action"), ({"filter": {"since": "today"}}, "/filter/since"),
        ({"filter": {"limit": 3}}, "/filter/limit"),
    ],
)
def test_an_invalid_order_is_422_and_starts_nothing(desk, client, admin, post, change, pointer) -> None:
    answer = post(RESOLVE | change)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def test_a_reason_must_be_given(post) -> None:
    assert post({"action": "resolve", "filter": {}}).status_code == 422


def test_pause_resume_and_cancel_answer_the_operation(desk, client, post, admin) -> None:
    make_failure(desk)
    place = f"{URL}/{post(RESOLVE).json['id']}"

    def steer(verb: str):
        return client.post(f"{place}/{verb}", headers=admin)

    assert [steer(verb).json["status"] for verb in ("pause", "resume", "cancel")] == ["paused", "running", "cancelled"]
    answer = steer("resume")
    assert (answer.status_code, answer.json["currentStatus"]) == (409, "cancelled")
    assert client.get(place, headers=admin).json.items() >= {"skipped": 1, "pending": 0}.items()


def test_an_unknown_operation_is_404(client, admin) -> None:
    assert client.get(f"{URL}/{new_id()}", headers=admin).status_code == 404
    assert client.post(f"{URL}/{new_id()}/pause", headers=admin).status_code == 404


def test_who_may_not_is_told_so_first(client, warehouse, post, desk) -> None:
    assert post({}, warehouse).status_code == 403
    assert client.get(f"{URL}/x", headers=warehouse).status_code == 403
    assert client.post(f"{URL}/x/cancel", headers=warehouse).status_code == 403
    assert client.post(URL, json={}).status_code == 401


def test_operators_run_bulk_operations_but_steer_no_replays(desk, client, post, admin, operators_token) -> None:
    assert post(RESOLVE, operators_token).status_code == 202
    replay = client.post("/api/v1/queues/orders.status.dlq/replay", json={"all": True, "reason": "x"}, headers=admin)
    assert client.post(f"{URL}/{replay.json['id']}/pause", headers=operators_token).status_code == 403
    assert client.post(f"{URL}/{replay.json['id']}/pause", headers=admin).status_code == 200


def test_the_start_is_in_the_audit(desk, post) -> None:
    bulk_id = post(RESOLVE).json["id"]
    with desk.store.read() as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.actor, entry.action, entry.subject) == ("token:admin", "bulk.resolve", bulk_id)
