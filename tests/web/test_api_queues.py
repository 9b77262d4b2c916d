"""GET and POST /api/v1/queues/…"""

import base64

import pytest
from sqlalchemy import select

from app.models.audit import AuditEntry
from app.models.bulk import BulkItem
from app.models.failure import Failure
from app.services import bulk, retrying
from messaging import Message
from tests.factories import STATUS_MESSAGE, make_failure

URL = "/api/v1/queues"
DLQ = "orders.status.dlq"


def dead_letter(desk, **columns: object) -> str:
    return make_failure(desk, remedy=STATUS_MESSAGE, via="dlq", kind="message",
                        **({"queue": DLQ, "status": "review", "raw": b'{"a" : 1}', "message_id": "m-1"} | columns))


def test_every_queue_is_listed_with_depth_and_what_is_stored(desk, client, broker, clock, admin) -> None:
    dead_letter(desk)
    clock.advance(5)
    dead_letter(desk, status="resolved")
    broker.publish("orders.status", Message(b"{}"))
    rows = {row["name"]: row for row in client.get(URL, headers=admin).json["items"]}
    assert rows.keys() == desk.topology.queues.keys()
    assert rows[DLQ].items() >= {"depth": 0, "stored": 1, "oldest": "2026-11-22T09:00:00Z"}.items()
    assert rows["orders.status"].items() >= {"depth": 1, "stored": 0}.items()


def test_the_list_says_so_when_the_broker_is_away(desk, client, broker, admin) -> None:
    broker.away = True
    assert {row["depth"] for row in client.get(URL, headers=admin).json["items"]} == {None}
    answer = client.get(f"{URL}/orders.status/messages", headers=admin)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_looking_at_messages_changes_neither_order_nor_depth(desk, client, broker, admin) -> None:
    for number in range(3):
        broker.publish("orders.status", Message(b'{"n" : %d}' % number, f"m-{number}", headers={"a": [1, b"x"]}))
    first, again = (client.get(f"{URL}/orders.status/messages?limit=2", headers=admin).json for _ in range(2))
    assert first == again
    assert [item["id"] for item in first["items"]] == ["m-0", "m-1"]
    assert base64.b64decode(first["items"][0]["bodyBase64"]) == b'{"n" : 0}'
    assert broker.depth("orders.status") == 3


def test_a_dead_letter_queue_shows_what_was_taken_from_it(desk, client, broker, admin) -> None:
    failure_id = dead_letter(desk)
    broker.publish(DLQ, Message(b'{"password": "hunter2"}', "m-2", headers={"token": "hunter2"}))
    stored, waiting = client.get(f"{URL}/{DLQ}/messages", headers=admin).json["items"]
    assert (stored["id"], stored["failureId"]) == ("m-1", failure_id)
    assert base64.b64decode(stored["bodyBase64"]) == b'{"a" : 1}'
    assert (waiting["id"], waiting["failureId"]) == ("m-2", None)
    assert b"hunter2" not in base64.b64decode(waiting["bodyBase64"])
    assert waiting["headers"] == {"token": "••••"}


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_an_invalid_limit_is_422(client, admin, limit) -> None:
    assert client.get(f"{URL}/{DLQ}/messages?limit={limit}", headers=admin).status_code == 422


def replay(client, headers, name: str = DLQ, **body: object):
    return client.post(f"{URL}/{name}/replay", json={"reason": "consumer is back"} | body, headers=headers)


def test_all_in_review_are_replayed_as_a_bulk_operation(desk, client, broker, admin) -> None:
    wanted = dead_letter(desk)
    dead_letter(desk, status="resolved")
    dead_letter(desk, queue="inventory.order-created.dlq")
    answer = replay(client, admin, all=True, ratePerSecond=100, canary={"steps": [1], "stopAbove": 0.0})
    assert (answer.status_code, answer.json["total"]) == (202, 1)
    while bulk.run_some(desk):
        pass
    while retrying.work(desk, "orders.status", "worker-1"):
        pass
    (sent,) = broker.queues["orders.status"]
    assert sent.headers["x-failure-id"] == wanted
    progress = client.get(f"/api/v1/bulk/{answer.json['id']}", headers=admin).json
    assert (progress["action"], progress["succeeded"]) == ("replay", 1)


def test_named_ones_are_replayed_and_strangers_skipped(desk, client, admin) -> None:
    wanted, other = dead_letter(desk), dead_letter(desk, queue="inventory.order-created.dlq")
    assert replay(client, admin, ids=[wanted, other]).json["total"] == 2
    with desk.store.read() as session:
        outcomes = {item.failure_id: item.outcome for item in session.scalars(select(BulkItem))}
    assert outcomes == {wanted: "pending", other: "skipped"}


def test_a_replay_may_go_to_another_registered_queue(desk, client, admin) -> None:
    failure_id = dead_letter(desk)
    assert replay(client, admin, all=True, toQueue="nowhere").status_code == 422
    assert replay(client, admin, all=True, toQueue="inventory.order-created").status_code == 202
    bulk.run_some(desk)
    with desk.store.read() as session:
        failure = session.get_one(Failure, failure_id)
        assert (failure.status, failure.target) == ("scheduled", "inventory.order-created")


@pytest.mark.parametrize("body", [{}, {"all": True, "ids": ["x"]}, {"ids": []}, {"all": True, "reason": ""},
                                  {"all": True, "rate": 3}])
def test_an_invalid_replay_is_422(client, admin, body) -> None:
    assert replay(client, admin, **body).status_code == 422


def test_a_queue_of_work_cannot_be_replayed_or_purged(client, admin) -> None:
    assert replay(client, admin, "orders.status", all=True).status_code == 422
    assert client.post(f"{URL}/orders.status/purge", headers=admin).status_code == 422


def test_a_purge_stores_before_it_removes(desk, client, broker, admin) -> None:
    broker.publish(DLQ, Message(b"not json", "m-9"))
    answer = client.post(f"{URL}/{DLQ}/purge", json={"reason": "tidy"}, headers=admin)
    assert (answer.status_code, answer.json) == (200, {"purged": 1})
    assert broker.depth(DLQ) == 0
    with desk.store.read() as session:
        (failure,) = session.scalars(select(Failure))
        (entry,) = session.scalars(select(AuditEntry))
    assert (failure.message_id, failure.status) == ("m-9", "review")
    assert (entry.action, entry.subject, entry.reason) == ("queue.purge", DLQ, "tidy")


def test_administrators_publish(desk, client, broker, admin) -> None:
    def publish(**body: object):
        return client.post(f"{URL}/orders.status/messages", json=body, headers=admin)

    answer = publish(body={"a": 1}, headers={"h": "x"}, messageId="mine")
    assert (answer.status_code, answer.json["messageId"]) == (202, "mine")
    assert publish(bodyBase64=base64.b64encode(b"\xff\x00").decode()).status_code == 202
    assert publish(body="a\x00b").json["messageId"]
    assert [message.body for message in broker.queues["orders.status"]] == [b'{"a":1}', b"\xff\x00", b"a\x00b"]
    assert broker.queues["orders.status"][0].headers == {"h": "x"}
    with desk.store.read() as session:
        assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["queue.publish"] * 3


@pytest.mark.parametrize(
    "body", [{}, {"body": 1, "bodyBase64": "eA=="}, {"bodyBase64": "?"}, {"body": 1, "messageId": ""},
             {"body": 1, "headers": []}],
)
def test_an_invalid_message_is_422(client, admin, body) -> None:
    assert client.post(f"{URL}/orders.status/messages", json=body, headers=admin).status_code == 422


def test_acts_are_503_while_the_broker_is_away(client, broker, admin) -> None:
    broker.away = True
    for path, body in ((f"{DLQ}/purge", None), ("orders.status/messages", {"body": 1})):
        answer = client.post(f"{URL}/{path}", json=body, headers=admin)
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


CALLS = [("GET", "messages", None), ("POST", "messages", {"body": 1}), ("POST", "purge", None),
         ("POST", "replay", {"all": True, "reason": "x"})]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_an_unknown_queue_is_404_and_who_may_not_gets_403(client, admin, warehouse, method, path, body) -> None:
    url = f"{URL}/nowhere/{path}"
    assert client.open(url, method=method, json=body, headers=admin).status_code == 404
    assert client.open(url, method=method, json=body, headers=warehouse).status_code == 403
