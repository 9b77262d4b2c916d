"""A desk that keeps what it is told, as traffic's proof needs it: known keys, dead letters, a list by order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from messaging import Broker, Delivery, Message, Verdict, newest_death
from tests.stubs.helpers import Request, TinyDesk


@dataclass
class KeepingDesk(TinyDesk):
    """`forgets` are operations whose reports are answered, and not kept."""

    kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    forgets: set[str] = field(default_factory=set)

    def answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        key = f"{request.path} {request.headers['Idempotency-Key']}"
        known = self.kept.get(key)
        if known and known[1] != request.body:
            return 422, {}, b"{}"
        failure = known[0] if known else str(uuid4())
        if request.json.get("operation") not in self.forgets:
            self.kept[key] = (failure, request.body)
        return (200 if known else 202), {}, json.dumps({"id": failure, "status": "scheduled"}).encode()

    def look(self, path: str) -> tuple[int, bytes]:
        wanted = parse_qs(urlsplit(path).query).get("orderId")
        items = [letter for letter in self.dead_letters if wanted == [letter["orderId"]]]
        return 200, json.dumps({"items": items}).encode()

    def drain(self, broker: Broker, stop: Event) -> None:
        """Take dead letters until `stop` is set; those that had only expired are sent again."""

        def keep(deliveries: Sequence[Delivery]) -> list[Verdict]:
            for delivery in deliveries:
                operation = delivery.queue.removesuffix(".dlq")
                if operation not in self.forgets:
                    order_id = json.loads(delivery.message.body)["orderId"]
                    self.dead_letters.append({"operation": operation, "orderId": order_id})
                if newest_death(delivery.message.headers).reason == "expired":
                    broker.publish(operation, Message(delivery.message.body, delivery.message.message_id))
            return [Verdict.ACK] * len(deliveries)

        broker.consume(["orders.status.dlq", "inventory.order-created.dlq"], keep, stop=stop)
