"""The consumer of `orders.status`: it does what a message says once, and tells the desk when it had sent it."""

import json
import os
from collections.abc import Sequence
from threading import Event

from sqlalchemy import Column, Integer, MetaData, String, Table
from sqlalchemy.exc import SQLAlchemyError

from app.config import load
from messaging import (
    CONFIRMATIONS,
    FAILURE_ATTEMPT,
    FAILURE_ID,
    Broker,
    Delivery,
    Message,
    MessagingError,
    Verdict,
    open_broker,
    shop_topology,
)
from messaging.topology import STATUS
from storage import Store, insert_if_absent, open_store

DATABASE = "CHAOS_CONSUMER_DATABASE_URL"
AWAY_SECONDS = 0.2

handled = Table("handled", MetaData(), Column("message_id", String(255), primary_key=True), Column("number", Integer))


def main() -> None:
    """Consume until killed."""
    settings = load()
    broker = open_broker(settings.broker_url, settings.queue_database_url, shop_topology(settings.retry_scale))
    store, never = open_store(os.environ[DATABASE]), Event()

    def handle(deliveries: Sequence[Delivery]) -> list[Verdict]:
        try:
            return _handle(store, broker, deliveries)
        except (SQLAlchemyError, MessagingError):
            never.wait(AWAY_SECONDS)
            return [Verdict.RELEASE] * len(deliveries)

    broker.consume([STATUS], handle, stop=never, batch=20)


def _handle(store: Store, broker: Broker, deliveries: Sequence[Delivery]) -> list[Verdict]:
    bodies = [json.loads(delivery.message.body) for delivery in deliveries]
    good = [(each, body) for each, body in zip(deliveries, bodies, strict=True) if "poison" not in body]
    with store.write() as session:
        for each, body in good:
            insert_if_absent(session, handled, {"message_id": each.message.message_id, "number": int(body["orderId"])})
    # Done first, told then, acknowledged last: whatever dies in between does it all again.
    for each, _ in good:
        _confirm(broker, each.message)
    return [Verdict.REJECT if "poison" in body else Verdict.ACK for body in bodies]


def _confirm(broker: Broker, message: Message) -> None:
    if FAILURE_ID in message.headers:
        word = {"failureId": message.headers[FAILURE_ID], "attempt": message.headers[FAILURE_ATTEMPT]}
        broker.publish(CONFIRMATIONS, Message(json.dumps(word).encode()))
