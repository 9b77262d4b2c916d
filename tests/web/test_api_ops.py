"""Liveness, readiness, metrics, OpenAPI and its page."""

import json

import pytest
from sqlalchemy import text

from app.services import retrying
from app.services.counting import attempts_by_outcome
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
    assert not any(name.startswith("dlo_attempts_total") for name in before)
    retrying.work(desk, "warehouse-db", "worker-1")
    clock.advance(6)  # until then PostgreSQL might still show an earlier event
    assert figures(client)['dlo_attempts_total{outcome="permanent"}'] == 1
    assert figures(client)['dlo_attempts_total{outcome="permanent"}'] == 1


def test_attempts_are_counted_in_parts_without_gap_or_repeat(desk, monkeypatch, clock) -> None:
    from app.services import counting

    monkeypatch.setattr(counting, "MOST_READ", 2)
    make_shop(desk)
    for number in range(3):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{number}"})
    retrying.work(desk, "warehouse-db", "worker-1")
    clock.advance(6)
    for _ in range(6):
        totals = attempts_by_outcome(desk)
    assert totals == {"permanent": 3}


def test_the_document_describes_every_route_of_the_api(app, client) -> None:
    document = client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    routed = {
        (rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}"), method.lower())
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
