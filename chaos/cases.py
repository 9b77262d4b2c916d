"""What is reported: every case follows from the seed and its number, so that the end can tell what should have been."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from messaging import INTAKE, Message
from messaging.deaths import with_death
from messaging.topology import DEAD, STATUS

STOCK, ORDER, CALL, SEND, BARE = "stock_decrement", "order_status", "http_request", "publish_message", "no remedy"
POISON, LAPSED = "poison", "lapsed"
REPORTED = {STOCK: 45, ORDER: 25, CALL: 15, SEND: 10, BARE: 5}
THROUGH_QUEUES = REPORTED | {POISON: 5, LAPSED: 20}
THROUGH_QUEUES_ONE_IN = 10
SHARED = 5  # components that many cases take from, beside one of their own
DIED = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)

RECEIVER, CALLED = "receiver", "/effects"


@dataclass(frozen=True)
class Case:
    """One thing that went wrong in the shop, and what the desk is to make of it."""

    number: int
    kind: str
    quantity: int
    is_asked_for: bool  # its service wants a person to look first

    @property
    def key(self) -> str:
        """Return the idempotency key, or message id, under which it is reported however often."""
        return f"case-{self.number}"

    @property
    def ends(self) -> str:
        """Return the status in which its failure ends."""
        return "review" if self.kind in (BARE, POISON) else "resolved"

    @property
    def component(self) -> str:
        return f"part-{self.number}"

    @property
    def shared_component(self) -> str:
        return f"shared-{self.number % SHARED}"

    def report(self) -> dict[str, Any]:
        """Return the report that its service sends."""
        remedy = self._remedy()
        return {
            "source": "warehouse", "operation": self.kind, "kind": "db_write", "orderId": str(self.number),
            "error": {"type": "OperationalError", "message": "database is locked"},
        } | ({"remedy": remedy} if remedy else {}) | ({"review": True} if self.is_asked_for else {})

    def message(self) -> tuple[str, Message]:
        """Return the queue and the message that tell the same."""
        match self.kind:
            case "poison":
                return STATUS, Message(self._body(poison=True), self.key)
            case "lapsed":
                return STATUS + DEAD, Message(self._body(), self.key, headers=with_death({}, STATUS, "expired", DIED))
        return INTAKE, Message(json.dumps(self.report()).encode(), self.key)

    def _body(self, **more: Any) -> bytes:
        return json.dumps({"orderId": str(self.number)} | more).encode()

    def _remedy(self) -> dict[str, Any] | None:
        operation = {"operationId": self.key, "orderId": str(self.number)}
        match self.kind:
            case "stock_decrement":
                names = (self.component, self.shared_component)
                components = [{"componentId": name, "quantity": self.quantity} for name in names]
                return operation | {"type": STOCK, "components": components}
            case "order_status":
                return operation | {"type": ORDER, "from": "reserved", "to": "paid"}
            case "http_request":
                return {"type": CALL, "target": RECEIVER, "path": CALLED, "body": {"orderId": str(self.number)}}
            case "publish_message":
                return {"type": SEND, "queue": STATUS, "body": {"orderId": str(self.number)}}
        return None


def case(seed: int, number: int) -> Case:
    """Return the case of a number; every tenth comes through a queue."""
    chance = Random(f"{seed} {number}")
    kinds = THROUGH_QUEUES if comes_through_a_queue(number) else REPORTED
    kind = chance.choices(list(kinds), list(kinds.values()))[0]
    return Case(number, kind, chance.randint(1, 3), kind == STOCK and chance.random() < 0.1)


def comes_through_a_queue(number: int) -> bool:
    return number % THROUGH_QUEUES_ONE_IN == 0
