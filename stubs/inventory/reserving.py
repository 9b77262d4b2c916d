"""Flow D from the inventory's side: OrderCreated, reserved once, told to Orders."""

import json
import logging
import time
from dataclasses import dataclass
from threading import Event
from typing import Annotated

from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from messaging import ORDER_CREATED, STATUS, Delivery, Verdict
from reporter import Problem
from stubs.common.consuming import consume, is_replay
from stubs.common.context import Context
from stubs.common.outbox import add_event
from stubs.common.wire import Body, Identifier, Item, Text, dump, parse, totals
from stubs.inventory import records

log = logging.getLogger(__name__)


class OrderCreated(Body):
    """A message of `inventory.order-created`."""

    event_id: Identifier
    order_id: Identifier
    client_id: Identifier
    items: Annotated[list[Item], Field(min_length=1, max_length=1000)]
    # Whether it can be shipped to is for Shipping to say.
    shipping_address: Text | None = None

    @property
    def needed(self) -> dict[str, int]:
        return totals([(item.product_id, item.quantity) for item in self.items])


@dataclass(frozen=True)
class ReservingConsumer:
    """Consumes `inventory.order-created`."""

    context: Context

    def run(self, stop: Event) -> None:
        """Consume until `stop` is set."""
        consume(self.context, ORDER_CREATED, self.handle, stop)

    def handle(self, delivery: Delivery) -> Verdict:
        """Reserve the goods of one order.

        Raises:
            ValueError: the message is malformed.
        """
        event = parse(OrderCreated, delivery.message.body)
        try:
            self._reserve(event)
        except records.NotEnough as shortage:
            # Of a replay the desk has a case already. Dead-lettered, it says there that this try has failed; a report
            # of its own, and a confirmation, would call that case put right, and lay the same shortage beside it.
            return Verdict.REJECT if is_replay(delivery.message) else self._report(delivery, event, shortage)
        except SQLAlchemyError as error:
            if not self.context.faults.met(error):
                log.warning("order %s cannot be reserved now", event.order_id, exc_info=True)
            return Verdict.RETRY
        return Verdict.ACK

    def _reserve(self, event: OrderCreated) -> None:
        row = {
            "order_id": event.order_id, "client_id": event.client_id, "event_id": event.event_id,
            "shipping_address": event.shipping_address or "", "items": [dump(item) for item in event.items],
        }
        operation = f"reserve-{event.order_id}"[:255]
        told = {"operationId": operation, "orderId": event.order_id, "clientId": event.client_id,
                "from": "placed", "to": "reserved"}
        with self.context.store.write() as session:
            if records.find(session, event.order_id) is not None:
                return
            records.check(session, event.needed)
            if records.reserve(session, row, event.needed, time.time()):
                add_event(session, STATUS, operation, told)

    def _report(self, delivery: Delivery, event: OrderCreated, shortage: records.NotEnough) -> Verdict:
        # A person may restock and send the event again; nothing retries it by itself.
        body = json.loads(delivery.message.body)
        remedy = {"type": "publish_message", "queue": ORDER_CREATED, "body": body, "messageId": event.event_id}
        stored = self.context.reporter.report(
            Problem("InsufficientStock", f"order {event.order_id}: {shortage}"),
            operation="inventory.reserve", kind="message", remedy=remedy, review=True, payload=body,
            order_id=event.order_id, client_id=event.client_id,
            key=f"insufficient-{event.order_id}-{event.event_id}",
        )
        return Verdict.ACK if stored else Verdict.RETRY
