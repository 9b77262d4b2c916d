"""When the desk's own database is away, everybody is told so: soon, plainly, with a time to come again."""

from functools import partial

import pytest
from sqlalchemy import text

from app.routes.errors import STORE_AWAY
from tests.factories import make_failure

CALLS = [
    ("POST", "/api/v1/failures"), ("POST", "/api/v1/failures/batch"), ("GET", "/api/v1/failures"),
    ("GET", "/api/v1/groups"), ("GET", "/api/v1/queues"), ("GET", "/api/v1/targets"), ("GET", "/api/v1/audit"),
    ("GET", "/metrics"), ("GET", "/readyz"), ("GET", "/api/v1/orders/1"),
]
REPORT = {"source": "warehouse", "operation": "x", "kind": "http", "error": {"type": "T", "message": "m"}}


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_call_is_a_503_problem_with_retry_after(break_store, client, admin, method, path) -> None:
    break_store()
    body = {"failures": [REPORT | {"idempotencyKey": "k"}]} if path.endswith("batch") else REPORT
    answer = client.open(path, method=method, json=body if method == "POST" else None,
                         headers=admin | {"Idempotency-Key": "k"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Traceback" not in answer.text


def test_a_report_of_a_known_cause_is_a_503_problem_too(break_store, client, admin) -> None:
    report = partial(client.post, "/api/v1/failures", json=REPORT)
    assert report(headers=admin | {"Idempotency-Key": "first"}).status_code == 202
    break_store()
    answer = report(headers=admin | {"Idempotency-Key": "second"})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")


def test_a_page_is_a_plain_503_page(break_store, operator) -> None:
    break_store()
    answer = operator.get("/review")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Retry-After" in answer.headers
    assert "Traceback" not in answer.text


def test_liveness_does_not_ask_the_store(break_store, client) -> None:
    break_store()
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz", environ_overrides={STORE_AWAY: True}).status_code == 200


def test_a_request_that_is_known_to_fail_is_not_tried(desk, client, admin) -> None:
    make_failure(desk)
    answer = client.get("/api/v1/failures", headers=admin, environ_overrides={STORE_AWAY: True})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")


def test_the_log_does_not_quote_what_was_sent(desk, client, admin, caplog) -> None:
    if not desk.store.is_sqlite:
        pytest.skip("a missing table is a fault of ours there, and no outage")
    with desk.store.connect() as connection:
        connection.execute(text("DROP TABLE reports"))
    answer = client.post("/api/v1/failures", json=REPORT, headers=admin | {"Idempotency-Key": "do-not-log-me"})
    assert answer.status_code == 503
    assert "store is not available" in caplog.text
    assert "do-not-log-me" not in caplog.text


def test_a_store_that_is_lost_after_the_route_is_a_503_too(app, break_store) -> None:
    app.after_request(lambda response: break_store() or response)  # before the session is saved
    answer = app.test_client().get("/login")  # it begins a session, for its form's token
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Retry-After" in answer.headers
