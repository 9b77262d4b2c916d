"""GET /api/v1/targets and their switches."""

import pytest
from sqlalchemy import select, update

from app.models.audit import AuditEntry
from app.models.target import Target
from tests.factories import STOCK_DECREMENT, make_failure, make_shop

URL = "/api/v1/targets"


@pytest.fixture
def row(client, admin):
    def get(name: str) -> dict[str, object]:
        items = client.get(URL, headers=admin).json["items"]
        return next(dict(item) for item in items if item["name"] == name)

    return get


def test_every_target_is_listed(desk, client, admin) -> None:
    items = client.get(URL, headers=admin).json["items"]
    assert [item["name"] for item in items] == desk.targets.names
    assert {item["kind"] for item in items} == {"database", "http", "queue"}
    assert all(item.items() >= {"breaker": "closed", "paused": False, "held": 0}.items() for item in items)


def test_a_paused_target_holds_what_waits_for_it(desk, client, row, admin) -> None:
    make_failure(desk, remedy=STOCK_DECREMENT)
    assert row("warehouse-db")["held"] == 0
    answer = client.post(f"{URL}/warehouse-db/pause", headers=admin)
    assert (answer.status_code, answer.json) == (200, row("warehouse-db"))
    assert answer.json.items() >= {"paused": True, "held": 1}.items()
    assert client.post(f"{URL}/warehouse-db/resume", headers=admin).json.items() >= {
        "paused": False, "held": 0}.items()


def test_an_open_breaker_is_shown_and_a_probe_closes_it(desk, client, row, admin, clock) -> None:
    make_shop(desk)
    client.post(f"{URL}/warehouse-db/probe", headers=admin)
    with desk.store.write() as session:
        session.execute(update(Target).values(state="open", open_until=clock(), last_error="password=hunter2"))
    shown = row("warehouse-db")
    assert (shown["breaker"], shown["lastError"]) == ("open", "password=••••")
    assert client.post(f"{URL}/warehouse-db/probe", headers=admin).json["breaker"] in ("half_open", "closed")


def test_acts_on_targets_are_in_the_audit(desk, client, admin) -> None:
    client.post(f"{URL}/orders.status/pause", headers=admin)
    with desk.store.read() as session:
        (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.subject, entry.actor) == ("target.pause", "orders.status", "token:admin")


@pytest.mark.parametrize("verb", ["pause", "resume", "probe"])
def test_an_unknown_target_is_404_and_who_may_not_gets_403(client, admin, warehouse, verb) -> None:
    assert client.post(f"{URL}/nowhere/{verb}", headers=admin).status_code == 404
    assert client.post(f"{URL}/nowhere/{verb}", headers=warehouse).status_code == 403
    assert client.post(f"{URL}/nowhere/{verb}").status_code == 401
    assert client.get(URL, headers=warehouse).status_code == 403
