"""GET /api/v1/groups."""

import pytest

from app.ids import new_id
from tests.factories import make_failure
from tests.queries.counting import counted

URL = "/api/v1/groups"


def test_failures_with_one_cause_are_one_group(desk, client, clock, admin) -> None:
    make_failure(desk, error_message="order 536365 is locked")
    clock.advance(60)
    make_failure(desk, error_message="order 536366 is locked")
    client.post(f"/api/v1/failures/{make_failure(desk, error_message='order 1 is locked')}/resolve",
                json={"reason": "x"}, headers=admin)
    (group,) = client.get(URL, headers=admin).json["items"]
    assert group.items() >= {
        "count": 3, "open": 2, "firstSeen": "2026-11-22T09:00:00Z", "lastSeen": "2026-11-22T09:01:00Z",
        "source": "warehouse", "operation": "stock.decrement", "kind": "db_write", "errorType": "OperationalError",
    }.items()
    assert "is locked" in group["title"]
    assert client.get(f"{URL}/{group['id']}", headers=admin).json == group


def test_pages_follow_each_other(desk, client, clock, admin) -> None:
    for letter in "abcde":
        make_failure(desk, error_message=f"cause {letter}")
        clock.advance(letter > "b")
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{URL}?limit=2&cursor={cursor}", headers=admin).json
        seen += [group["title"][-1] for group in page["items"]]
        cursor = page["nextCursor"]
    assert sorted(seen) == list("abcde")
    assert seen[0] == "e"


def test_groups_are_narrowed_by_source_and_by_what_is_open(desk, client, admin) -> None:
    make_failure(desk, source="orders")
    closed = make_failure(desk, error_message="other")
    client.post(f"/api/v1/failures/{closed}/discard", json={"reason": "x"}, headers=admin)

    def sources(query: str) -> list[str]:
        return [group["source"] for group in client.get(f"{URL}?{query}", headers=admin).json["items"]]

    assert sorted(sources("")) == ["orders", "warehouse"]
    assert sources("source=orders") == sources("open=true") == ["orders"]


@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "open=perhaps"])
def test_an_invalid_value_is_422(client, admin, query) -> None:
    answer = client.get(f"{URL}?{query}", headers=admin)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{query.split('=')[0]}")


def test_an_unknown_group_is_404_and_who_may_not_gets_403(client, admin, warehouse) -> None:
    assert client.get(f"{URL}/{new_id()}", headers=admin).status_code == 404
    assert client.get(f"{URL}/{new_id()}", headers=warehouse).status_code == 403
    assert client.get(URL, headers=warehouse).status_code == 403


def test_a_list_costs_one_statement(desk, client, admin) -> None:
    for letter in "abc":
        make_failure(desk, error_message=letter)
    with counted(desk) as statements:
        client.get(URL, headers=admin)
    assert len(statements) == 1
