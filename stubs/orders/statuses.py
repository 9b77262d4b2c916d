"""Flow B from the orders' side: status messages, applied once, never backwards, and reported when they cannot be."""

import json
from dataclasses import dataclass
from threading import Event
from typing import Literal

from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from messaging import STATUS, Delivery, Verdict
from reporter import Problem
from stubs.common.consuming import consume, report_key
from stubs.common.context import Context
from stubs.common.statuses import RANK, Status
from stubs.common.wire import Body, Identifier, parse
from stubs.orders.records import Move, move

Before = Literal["placed", "approved", "reserved", "paid", "shipping", "delivered"]


class StatusChange(Body):
    """A message of `orders.status`."""

    operation_id: Identifier
    order_id: Identifier
    before: Before = Field(alias="from")
    after: Status = Field(alias="to")
    client_id: Identifier | None = None

    @property
    def remedy(self) -> dict[str, str] | None:
        """Return what the desk can do instead of us; it moves orders forwards only."""
        if self.after == "cancelled" or RANK[self.before] >= RANK[self.after]:
            return None
        return {
            "type": "order_status", "operationId": self.operation_id, "orderId": self.order_id,
            "from": self.before, "to": self.after,
        }


PROBLEMS = {
    Move.NOT_YET: ("OrderNotReady", False),
    Move.UNKNOWN: ("OrderNotFound", True),
    Move.CANCELLED: ("OrderCancelled", True),
}


@dataclass(frozen=True)
class StatusConsumer:
    """Consumes `orders.status`."""

    context: Context

    def run(self, stop: Event) -> None:
        """Consume until `stop` is set."""
        consume(self.context, STATUS, self.handle, stop)

    def handle(self, delivery: Delivery) -> Verdict:
        """Apply one change.

        Raises:
            ValueError: the message is malformed.
        """
        change = parse(StatusChange, delivery.message.body)
        try:
            with self.context.store.write() as session:
                outcome = move(session, change.operation_id, change.order_id, change.before, change.after)
        except SQLAlchemyError as error:
            self.context.faults.met(error)
            return self._report(delivery, change, error)
        if outcome is Move.NOT_YET and delivery.deliveries < self.context.delivery_limit(STATUS):
            return Verdict.RETRY  # the message before it is still under way
        if outcome in (Move.APPLIED, Move.DONE):
            return Verdict.ACK
        kind, review = PROBLEMS[outcome]
        problem = Problem(kind, f"order {change.order_id} to {change.after}: {outcome.value}")
        return self._report(delivery, change, problem, review)

    def _report(
        self, delivery: Delivery, change: StatusChange, error: Problem | SQLAlchemyError, review: bool = False
    ) -> Verdict:
        stored = self.context.reporter.report(
            error, operation="order.status", kind="db_write", remedy=change.remedy, review=review,
            order_id=change.order_id, client_id=change.client_id, payload=json.loads(delivery.message.body),
            key=report_key(f"order-status-{change.operation_id}", delivery.message),
        )
        return Verdict.ACK if stored else Verdict.RETRY
