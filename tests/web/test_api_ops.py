"""Liveness, readiness, metrics, OpenAPI and its page."""

import json
import re

import pytest
from sqlalchemy import text

from app.queries.received import by_source_and_kind
from app.queries.totals import attempts_by_outcome
from app.services import heartbeat, retrying
from app.services.counting import count
from app.services.rescue import rescue
from messaging import Message
from tests.factories import STOCK_DECREMENT, make_failure, make_shop


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/docs"])
def test_these_five_need_no_token(client, path) -> None:
    assert client.get(path).status_code == 200


def test_readiness_names_the_broker(client, broker) -> None:
    broker.away = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "broker" in answer.json["detail"]
    assert "Retry-After" in answer.headers
    assert client.get("/healthz").status_code == 200


def test_readiness_names_missing_migrations(desk, client) -> None:
    with desk.store.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert "migrations are missing" in client.get("/readyz").json["detail"]
    with desk.store.connect() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert "migrations are missing" in client.get("/readyz").json["detail"]


def test_readiness_names_the_database(break_store, client) -> None:
    break_store()
    assert "database" in client.get("/readyz").json["detail"]


def figures(client) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_metrics_tell_what_came_what_waits_and_what_was_tried(desk, client, broker, clock) -> None:
    make_shop(desk)
    make_failure(desk, remedy=STOCK_DECREMENT)
    make_failure(desk, status="review", source="orders", kind="http")
    broker.publish("orders.status", Message(b"{}"))
    clock.advance(40)
    before = figures(client)
    assert before['dlo_failures_received_total{kind="db_write",source="warehouse"}'] == 1
    assert before['dlo_failures_received_total{kind="http",source="orders"}'] == 1
    assert (before["dlo_failures_due"], before["dlo_failures_overdue"], before["dlo_failures_running"]) == (1, 1, 0)
    assert (before["dlo_review_open"], before["dlo_review_oldest_seconds"]) == (1, 40)
    assert before['dlo_queue_depth{queue="orders.status"}'] == 1
    assert before['dlo_target_breaker{state="closed",target="warehouse-db"}'] == 1
    assert before['dlo_attempts_total{outcome="permanent"}'] == 0
    retrying.work(desk, "warehouse-db", "worker-1")
    assert figures(client)['dlo_attempts_total{outcome="permanent"}'] == 1
    clock.advance(6)  # until then PostgreSQL might still show an earlier event, and no total is taken
    count(desk)
    assert figures(client)['dlo_attempts_total{outcome="permanent"}'] == 1


def test_metrics_tell_of_rescues_and_of_living_workers(desk, client, clock) -> None:
    make_failure(desk, remedy=STOCK_DECREMENT, status="running", lease_until=clock(), next_attempt_at=None)
    rescue(desk)
    heartbeat.beat(desk, "host:1", clock())
    heartbeat.beat(desk, "host:2", clock())
    heartbeat.leave(desk, "host:2")
    assert figures(client)["dlo_lease_rescues_total"] == 1
    assert figures(client)["dlo_workers_alive"] == 1
    clock.advance(21)
    assert figures(client)["dlo_workers_alive"] == 0


def test_metrics_do_without_the_broker(client, broker) -> None:
    assert figures(client)["dlo_broker_up"] == 1
    broker.away = True
    found = figures(client)
    assert found["dlo_broker_up"] == 0
    assert not any(name.startswith("dlo_queue_depth") for name in found)
    assert found["dlo_review_open"] == 0


def test_sources_that_nobody_knew_cannot_explode_the_labels(desk) -> None:
    for number in range(6):
        make_failure(desk, status="review", source=f"source-{number}")
    make_failure(desk, status="review", source="source-0")
    with desk.store.read() as session:
        found = by_source_and_kind(session, most=2)
    assert sum(found.values()) == 7
    assert {source for source, _ in found} == {"source-0", "source-1", "(others)"}
    assert found["(others)", "db_write"] == 4


def test_readiness_warns_when_no_worker_is_alive(desk, client, clock) -> None:
    assert "no worker" in client.get("/readyz").json["warnings"][0]
    heartbeat.beat(desk, "host:1", clock())
    assert client.get("/readyz").json == {"status": "ready", "warnings": []}


def test_a_schema_newer_than_this_program_is_no_reason(desk, client) -> None:
    with desk.store.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/readyz").status_code == 200


def test_attempts_are_counted_in_parts_without_gap_or_repeat(desk, monkeypatch, clock) -> None:
    from app.services import counting

    monkeypatch.setattr(counting, "MOST_READ", 2)
    make_shop(desk)
    for number in range(3):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{number}"})
    retrying.work(desk, "warehouse-db", "worker-1")
    clock.advance(6)
    shown = [_attempts(desk)]
    while count(desk):
        shown.append(_attempts(desk))
    assert shown == sorted(shown)
    assert _attempts(desk) == 3


def _attempts(desk) -> int:
    with desk.store.read() as session:
        return attempts_by_outcome(session).get("permanent", 0)


def test_the_document_describes_every_route_of_the_api(app, client) -> None:
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    routed = {
        (re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert routed < described
    assert described - routed == {
        (path, "get") for path in ("/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/docs")}


def test_every_reference_of_the_document_leads_somewhere(client) -> None:
    document = client.get("/api/openapi.json").json
    text_of_it = json.dumps(document)
    names = {part.split('"')[0] for part in text_of_it.split("#/components/schemas/")[1:]}
    assert names <= document["components"]["schemas"].keys()
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_problems_and_the_idempotency_key_are_described(client) -> None:
    report = client.get("/api/openapi.json").json["paths"]["/api/v1/failures"]["post"]
    assert {"200", "202", "400", "401", "403", "413", "415", "422", "429", "503"} <= report["responses"].keys()
    assert list(report["responses"]["422"]["content"]) == ["application/problem+json"]
    assert [(item["in"], item["name"], item["required"]) for item in report["parameters"]] == [
        ("header", "Idempotency-Key", True)]


def test_the_page_holds_no_script_or_style_of_its_own(client) -> None:
    answer = client.get("/api/docs")
    assert answer.mimetype == "text/html"
    for forbidden in ("<style", "style=", "onload", "http://", "https://", "<script>"):
        assert forbidden not in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/nowhere", "/api/v2/failures"])
def test_an_unknown_address_is_a_404_problem(client, admin, path) -> None:
    answer = client.get(path, headers=admin)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_wrong_method_is_a_405_problem_that_names_the_right_ones(client, admin) -> None:
    answer = client.delete("/api/v1/failures", headers=admin)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_what_nobody_expected_is_a_500_problem_with_a_number_that_is_logged(app, desk, admin, caplog, monkeypatch):
    from app.queries import failures

    def broken(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(failures, "listed", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/api/v1/failures", headers=admin)
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret inside" not in answer.text
    assert answer.json["detail"].split()[-1].strip(".") in caplog.text
