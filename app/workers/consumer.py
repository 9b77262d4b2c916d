"""Drain the queues into the database: dead letters, reports, confirmations. Stored first, acknowledged then."""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread

from sqlalchemy.exc import InterfaceError, OperationalError

from app.desk import Desk
from app.services.dead_letters import receive_dead_letters
from app.services.queue_intake import receive_confirmations, receive_reports
from messaging import CONFIRMATIONS, INTAKE, Delivery, Handler, Verdict

log = logging.getLogger(__name__)

BATCH = 100
STORE_AWAY_SECONDS = 1.0

Receive = Callable[[Desk, Sequence[Delivery]], Sequence[Verdict]]


def start_consumers(desk: Desk, stop: Event) -> list[Thread]:
    """Start one thread for each kind of queue; each ends soon after `stop` is set."""
    roles: list[tuple[str, list[str], Receive]] = [
        ("dead-letters", desk.topology.dead_letter_queues, receive_dead_letters),
        ("intake", [INTAKE], receive_reports),
        ("confirmations", [CONFIRMATIONS], receive_confirmations),
    ]
    return [_start(desk, stop, name, queues, receive) for name, queues, receive in roles]


def _start(desk: Desk, stop: Event, name: str, queues: list[str], receive: Receive) -> Thread:
    handler = _handler(desk, stop, receive)
    thread = Thread(
        target=lambda: desk.broker.consume(queues, handler, stop=stop, batch=BATCH), name=f"consume-{name}", daemon=True
    )
    thread.start()
    return thread


def _handler(desk: Desk, stop: Event, receive: Receive) -> Handler:
    def handle(deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        try:
            return receive(desk, deliveries)
        except (OperationalError, InterfaceError) as error:
            # Our store is away: give everything back, uncounted, and do not come back at once.
            log.warning("the store is away, %s messages given back: %s", len(deliveries), error.orig)
            stop.wait(STORE_AWAY_SECONDS)
            return [Verdict.RELEASE] * len(deliveries)
        except Exception:
            if len(deliveries) > 1:  # one message that we cannot take must not keep the others of its batch back
                return [verdict for delivery in deliveries for verdict in handle([delivery])]
            log.exception("a message of %s could not be stored; it stays in its queue", deliveries[0].queue)
            return [Verdict.RETRY]

    return handle
