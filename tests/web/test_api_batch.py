"""POST /api/v1/failures/batch."""

import json

from app.models.failure import Failure
from tests import factories

URL = "/api/v1/failures/batch"


def item(key: str, **changes: object) -> dict[str, object]:
    return factories.report(idempotencyKey=key, **changes)


def post(client, headers, *items: object):
    return client.post(URL, json={"failures": list(items)}, headers=headers)


def test_one_bad_item_spoils_no_other(client, warehouse) -> None:
    answer = post(client, warehouse, item("a"), item("b", kind="fax"), item("c", source="orders"), item("a"), 3)
    assert answer.status_code == 200
    results = answer.json["results"]
    assert [result["status"] for result in results] == [202, 422, 403, 200, 422]
    assert results[1]["errors"][0]["pointer"] == "/kind"
    assert results[3]["id"] == results[0]["id"]


def test_a_key_is_shared_with_single_reports(client, warehouse) -> None:
    client.post("/api/v1/failures", json=factories.report(), headers=warehouse | {"Idempotency-Key": "a"})
    assert [result["status"] for result in post(client, warehouse, item("a"), item("a", orderId="x")).json["results"]] \
        == [200, 422]


def test_more_than_1000_items_are_422(client, warehouse) -> None:
    assert post(client, warehouse, *[3] * 1001).status_code == 422
    assert post(client, warehouse, *[3] * 1000).status_code == 200


def test_an_empty_batch_has_no_results(client, warehouse) -> None:
    assert post(client, warehouse).json == {"results": []}


def test_a_batch_over_8_mib_is_413(client, warehouse) -> None:
    body = json.dumps({"failures": [item(str(number), payload="x" * 1_000_000) for number in range(9)]})
    answer = client.post(URL, data=body, content_type="application/json", headers=warehouse)
    assert answer.status_code == 413


def test_a_batch_that_cannot_be_read_is_refused_whole(client, warehouse) -> None:
    def status(body: str, content_type: str = "application/json") -> int:
        return int(client.post(URL, data=body, content_type=content_type, headers=warehouse).status_code)

    assert [status("{"), status("[]"), status('{"failures": {}}'), status("{}", "text/plain")] == [400, 422, 422, 415]
    assert client.post(URL, json={"failures": []}).status_code == 401


def test_what_is_answered_is_stored(client, warehouse, desk) -> None:
    ids = [result["id"] for result in post(client, warehouse, item("a"), item("b")).json["results"]]
    with desk.store.read() as session:
        assert all(session.get(Failure, failure_id) for failure_id in ids)
