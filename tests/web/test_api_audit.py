"""GET /api/v1/audit."""

from urllib.parse import parse_qsl, quote

import pytest

from app.queries import audit, cursors
from app.queries.audit import AuditQuery
from app.services import review, targets
from tests.factories import STOCK_DECREMENT, make_failure
from tests.queries.plans import plans

URL = "/api/v1/audit"


def test_every_act_is_listed_newest_first(desk, client, admin) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    client.post(f"/api/v1/failures/{failure_id}/assign", json={"assignee": "anna"}, headers=admin)
    client.post(f"/api/v1/failures/{failure_id}/retry", json={"reason": "now"}, headers=admin)
    retry, assign = client.get(URL, headers=admin).json["items"]
    assert retry.keys() >= {"id", "at", "actor", "action", "failureId", "reason", "before", "after"}
    assert (retry["action"], retry["reason"], retry["actor"]) == ("failure.retry", "now", "token:admin")
    assert (assign["before"], assign["after"]) == ({"assignee": None}, {"assignee": "anna"})
    assert assign["failureId"] == failure_id


def test_pages_follow_each_other_and_one_failure_can_be_asked_for(desk, client, admin) -> None:
    one, two = make_failure(desk), make_failure(desk)
    for failure_id in (one, two, one):
        client.post(f"/api/v1/failures/{failure_id}/comment", json={"text": "x"}, headers=admin)
    first = client.get(f"{URL}?limit=2", headers=admin).json
    second = client.get(f"{URL}?limit=2&cursor={first['nextCursor']}", headers=admin).json
    assert [item["failureId"] for item in first["items"] + second["items"]] == [one, two, one]
    assert second["nextCursor"] is None
    assert len(client.get(f"{URL}?failureId={one}", headers=admin).json["items"]) == 2


def test_secrets_in_corrections_are_masked(desk, client, admin) -> None:
    remedy = {"type": "http_request", "target": "inventory", "path": "/x", "method": "POST",
              "headers": {"X-Token": "hunter2"}}
    failure_id = make_failure(desk, remedy=remedy, status="review")
    client.post(f"/api/v1/failures/{failure_id}/retry", json={"remedy": remedy | {"path": "/y"}}, headers=admin)
    assert "hunter2" not in client.get(URL, headers=admin).text
    assert "hunter2" not in client.get(f"/api/v1/failures/{failure_id}", headers=admin).text


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=x"])
def test_an_invalid_value_is_422(client, admin, query) -> None:
    answer = client.get(f"{URL}?{query}", headers=admin)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{query.split('=')[0]}")


def test_nobody_else_may_read_it_and_no_call_changes_it(client, admin, warehouse) -> None:
    assert client.get(URL, headers=warehouse).status_code == 403
    assert client.get(URL).status_code == 401
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.open(URL, method=method, headers=admin).status_code == 405


def filled(desk, clock) -> dict[str, str]:
    """Do a few things, a minute apart; return an example of each filter, and each finds one of them."""
    failure_id = make_failure(desk)
    review.comment(desk, failure_id, actor="operator", text="x")
    clock.advance(60)
    targets.pause(desk, "warehouse-db", actor="admin")
    clock.advance(60)
    since = clock().isoformat()
    targets.resume(desk, "orders-db", actor="admin")
    return {"actor=operator": "failure.comment", "action=target.pause": "target.pause",
            f"failureId={failure_id}": "failure.comment", "subject=orders-db": "target.resume",
            f"since={quote(since)}": "target.resume", f"until={quote(since)}&actor=admin": "target.pause"}


def test_each_filter_finds_its_own(desk, client, admin, clock) -> None:
    for query, action in filled(desk, clock).items():
        assert [item["action"] for item in client.get(f"{URL}?{query}", headers=admin).json["items"]] == [action], query


def test_no_filter_makes_it_read_more_than_a_page(desk, clock) -> None:
    for query in filled(desk, clock):
        asked = AuditQuery.model_validate(dict(parse_qsl(query)))
        with desk.store.read() as session:
            first = audit.listed(session, asked.model_copy(update={"limit": 1}))
            cursor = first.next_cursor or cursors.encode(clock(), 3)
            sent = plans(desk, lambda session=session, asked=asked, cursor=cursor: audit.listed(
                session, asked.model_copy(update={"cursor": cursor})))
        (plan,) = sent.values()
        assert "ix_audit_" in plan, plan
        assert not desk.store.is_sqlite or "B-TREE" not in plan, plan  # PostgreSQL sorts what is as little as this


def test_a_nonsense_time_is_422(client, admin) -> None:
    assert client.get(f"{URL}?since=yesterday", headers=admin).json["errors"][0]["pointer"] == "/since"
