"""The administration of dead-letter queues over the API, with a real RabbitMQ behind it."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pika
import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.desk import Desk, open_desk
from app.services import bulk, retrying
from messaging import ORDER_CREATED, STATUS, shop_topology
from tests.e2e.waiting import eventually
from tests.messaging.rabbitmq_node import RabbitNode

pytestmark = pytest.mark.rabbitmq

URL = "/api/v1/queues"
DEAD = f"{ORDER_CREATED}.dlq"
SCALE = 0.02  # that of the end-to-end tests: it is part of the queues' arguments
FORGED = {"x-death": [{"reason": "delivery_limit", "queue": ORDER_CREATED, "count": 2**40}],
          "x-first-death-queue": "elsewhere", "x-delivery-count": 99, "colour": "red"}


@pytest.fixture
def environment(environment: dict[str, str], rabbit_node: RabbitNode) -> dict[str, str]:
    rabbit_node.empty_queues(shop_topology(SCALE))
    return environment | {"DLO_BROKER_URL": rabbit_node.url, "DLO_RETRY_SCALE": str(SCALE)}


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    desk = open_desk(settings)
    yield desk
    desk.close()


def put(node: RabbitNode, *bodies: bytes, queue: str = DEAD, **headers: Any) -> None:
    with node.channel() as channel:
        channel.confirm_delivery()
        for body in bodies:
            properties = pika.BasicProperties(message_id=body.decode(), headers=headers)
            channel.basic_publish("", queue, body, properties, mandatory=True)


def taken(node: RabbitNode, queue: str, count: int) -> list[tuple[bytes, dict[str, Any]]]:
    """Take messages as a foreign client does, each for the first time; returns their bodies and headers."""
    messages = []

    def take() -> bool:
        method, properties, body = channel.basic_get(queue, auto_ack=True)
        if method:
            assert properties.headers.pop("x-delivery-count") == 0  # the broker's own
            messages.append((body, properties.headers))
        return len(messages) == count

    with node.channel() as channel:
        eventually(take)
    return messages


def listed(client: FlaskClient, admin: dict[str, str], name: str) -> dict[str, Any]:
    items = client.get(URL, headers=admin).json["items"]
    return next(item for item in items if item["name"] == name)


def stored(client: FlaskClient, admin: dict[str, str]) -> dict[str, str]:
    """Drain the queue by a purge; returns the failures' ids by their message's."""
    client.post(f"{URL}/{DEAD}/purge", headers=admin)
    items = client.get(f"{URL}/{DEAD}/messages?limit=100", headers=admin).json["items"]
    return {item["id"]: item["failureId"] for item in items}


def replay(desk: Desk, client: FlaskClient, admin: dict[str, str], **body: Any) -> dict[str, Any]:
    """Replay, do a worker's work until it is over, and return the operation."""
    answer = client.post(f"{URL}/{DEAD}/replay", json={"reason": "fixed"} | body, headers=admin)
    assert answer.status_code == 202, answer.text

    def over() -> dict[str, Any] | None:
        bulk.run_some(desk)
        for queue in (ORDER_CREATED, STATUS):
            retrying.work(desk, queue, "worker")
        operation = client.get(f"/api/v1/bulk/{answer.json['id']}", headers=admin).json
        return operation if operation["status"] != "running" else None

    return eventually(over)


def test_depth_and_age_are_told_and_looking_changes_neither_order_nor_depth(
    client: FlaskClient, admin: dict[str, str], rabbit_node: RabbitNode
) -> None:
    put(rabbit_node, *(b"%03d" % number for number in range(120)), queue=ORDER_CREATED)
    with rabbit_node.channel() as channel:
        for _ in range(120):
            channel.basic_reject(channel.basic_get(ORDER_CREATED)[0].delivery_tag, requeue=False)
    eventually(lambda: listed(client, admin, DEAD)["depth"] == 120)

    pages = [client.get(f"{URL}/{DEAD}/messages?limit=100", headers=admin).json["items"] for _ in range(3)]

    assert [item["id"] for item in pages[0]] == [f"{number:03}" for number in range(100)]
    assert pages[0] == pages[1] == pages[2]
    assert {(item["diedOf"], item["failureId"]) for item in pages[0]} == {("rejected", None)}
    row = listed(client, admin, DEAD)
    assert (row["depth"], row["stored"]) == (120, 0)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(row["oldest"])).total_seconds()) < 60


def test_a_purge_takes_out_only_what_it_has_stored(
    client: FlaskClient, admin: dict[str, str], rabbit_node: RabbitNode
) -> None:
    put(rabbit_node, *(b"%d" % number for number in range(60)))
    answer = client.post(f"{URL}/{DEAD}/purge", headers=admin)
    assert (answer.status_code, answer.json) == (200, {"purged": 60})
    row = listed(client, admin, DEAD)
    assert (row["depth"], row["stored"]) == (0, 60)
    assert client.post(f"{URL}/{DEAD}/purge", headers=admin).json == {"purged": 0}


def test_a_replay_goes_to_its_queue_without_what_brokers_wrote_and_can_be_delivered(
    desk: Desk, client: FlaskClient, admin: dict[str, str], rabbit_node: RabbitNode
) -> None:
    put(rabbit_node, b"a", b"b", b"c", **FORGED)
    ids = stored(client, admin)

    assert replay(desk, client, admin, ids=[ids["b"]])["succeeded"] == 1

    [(body, headers)] = taken(rabbit_node, ORDER_CREATED, 1)
    assert body == b"b"
    assert headers == {"colour": "red", "x-failure-id": ids["b"], "x-failure-attempt": 1}


def test_all_or_those_of_a_filter_are_replayed_carefully_at_their_rate(
    desk: Desk, client: FlaskClient, admin: dict[str, str], rabbit_node: RabbitNode
) -> None:
    put(rabbit_node, *(b'{"orderId": "%d"}' % number for number in range(10)))
    stored(client, admin)

    one = replay(desk, client, admin, filter={"orderId": "7"})
    began = time.monotonic()
    others = replay(desk, client, admin, all=True, ratePerSecond=10, canary={"steps": [1, 3], "stopAbove": 0.2})

    assert time.monotonic() - began >= 0.7
    assert (one["total"], others["total"], others["succeeded"], others["status"]) == (1, 9, 9, "done")
    bodies = [body for body, _headers in taken(rabbit_node, ORDER_CREATED, 10)]
    assert bodies[0] == b'{"orderId": "7"}'
    assert len(set(bodies)) == 10


def test_a_replay_to_another_queue_arrives_there(
    desk: Desk, client: FlaskClient, admin: dict[str, str], rabbit_node: RabbitNode
) -> None:
    put(rabbit_node, b"a")
    stored(client, admin)
    assert replay(desk, client, admin, all=True, toQueue=STATUS)["succeeded"] == 1
    [(body, headers)] = taken(rabbit_node, f"{STATUS}.dlq", 1)  # nobody took it from there in time
    assert (body, headers["x-death"][0]["reason"], headers["x-death"][0]["count"]) == (b"a", "expired", 1)


def test_an_administrator_s_message_arrives_as_it_was_written(
    client: FlaskClient, admin: dict[str, str], rabbit_node: RabbitNode
) -> None:
    body = bytes(range(256))
    answer = client.post(f"{URL}/{ORDER_CREATED}/messages", headers=admin, json={
        "bodyBase64": base64.b64encode(body).decode(), "headers": {"a": [1, {"b": None}]}, "messageId": "mine"})
    assert answer.status_code == 202
    assert taken(rabbit_node, ORDER_CREATED, 1) == [(body, {"a": [1, {"b": None}]})]
