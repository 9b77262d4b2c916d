"""5,000 messages of a foreign client in a dead-letter queue, poison among them, while the worker is killed."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pika
import pytest

from messaging import ORDER_CREATED
from tests.e2e.desk import Desk
from tests.e2e.system import System
from tests.e2e.waiting import eventually
from tests.messaging.rabbitmq_node import RabbitNode
from tests.poison import INVALID, MALFORMED, TAKEN

pytestmark = [pytest.mark.e2e, pytest.mark.rabbitmq, pytest.mark.timeout(300)]

QUEUE = f"{ORDER_CREATED}.dlq"
MESSAGES, REPEATED, CLIENTS = 5_000, 100, 8
POISON = list(dict.fromkeys([*MALFORMED.values(), *INVALID.values(), *TAKEN.values()]))
# Forged deaths, and what no other client would write; none says `expired`, which would be sent again by itself.
HEADERS: list[dict[str, Any]] = [
    {}, {"x-death": "text"}, {"x-death": [1, None, {}]}, {"x-delivery-count": 99}, {"x-dlo-lap": 99},
    {"x-death": [{"reason": "rejected", "queue": "elsewhere", "count": 2**40}]},
    {"x-failure-id": "01a201ef-61f1-7ef3-bf1f-f52cdea9efb8", "x-failure-attempt": 1},
]
Kept = tuple[str | None, bytes]


def test_what_a_foreign_client_puts_there_is_stored_to_the_byte_once_each_while_the_worker_is_killed(
    system: System, desk: Desk, node: RabbitNode
) -> None:
    messages, before = [_message(number) for number in range(MESSAGES)], _count(system)
    with ThreadPoolExecutor(CLIENTS) as pool:
        publishing = [pool.submit(_publish, node, messages, first) for first in range(CLIENTS)]
        for share in (1, 2, 3):
            eventually(lambda share=share: _count(system) - before >= share * MESSAGES // 5, within=60)
            assert _count(system) - before < MESSAGES
            system.kill("worker")
        for client in publishing:
            client.result()

    eventually(lambda: _count(system) - before >= MESSAGES, within=60)
    eventually(lambda: _depth(desk) == 0)
    found = _stored(system)
    assert {one: found[one] for one in messages} == dict.fromkeys(messages, 1)
    statuses = "SELECT DISTINCT status FROM failures WHERE queue = :queue AND message_id LIKE 'foreign-%'"
    assert system.rows("dlo", statuses, queue=QUEUE) == [{"status": "review"}]


def _message(number: int) -> Kept:
    """Every tenth is poison. Three of four have no id, unless they come twice or another has the same body."""
    lap, place = divmod(number // 10, len(POISON))
    is_poison = number % 10 == 0
    body = POISON[place] if is_poison else b'{"orderId": "foreign-%d"}' % number
    needs_name = number < REPEATED or (is_poison and lap > 0)
    return (f"foreign-{number}" if needs_name or number % 4 == 1 else None), body


def _publish(node: RabbitNode, messages: list[Kept], first: int) -> None:
    """Publish one client's share of the messages, and those of the first that come twice."""
    with node.channel() as channel:
        channel.confirm_delivery()
        for number in [*range(first, MESSAGES, CLIENTS), *range(first, REPEATED, CLIENTS)]:
            message_id, body = messages[number]
            properties = pika.BasicProperties(message_id=message_id, headers=HEADERS[number % len(HEADERS)])
            channel.basic_publish("", QUEUE, body, properties)


def _stored(system: System) -> Counter[Kept]:
    rows = system.rows("dlo", "SELECT message_id, body FROM reports WHERE queue = :queue", queue=QUEUE)
    return Counter((row["message_id"], bytes(row["body"])) for row in rows)


def _count(system: System) -> int:
    [row] = system.rows("dlo", "SELECT count(*) AS stored FROM reports WHERE queue = :queue", queue=QUEUE)
    return int(row["stored"])


def _depth(desk: Desk) -> int:
    return next(item["depth"] for item in desk.get("/queues")["items"] if item["name"] == QUEUE)
