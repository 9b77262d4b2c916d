"""An administrator's acts on queues: replay what was dead-lettered, purge what is stored, publish."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event, Thread

from app.desk import Desk
from app.domain.status import Status
from app.errors import Fault, Invalid, Unavailable
from app.models.failure import Failure
from app.queries.filters import FailureFilter
from app.queries.queues import check
from app.services import audit, bulk_orders
from app.services.bulk_orders import BulkOrder
from app.services.dead_letters import receive_dead_letters
from messaging import Delivery, Message, MessagingError, Verdict

PURGE_SECONDS = 3.0
PURGE_BATCH = 50


def replay(desk: Desk, name: str, order: BulkOrder) -> tuple[str, int]:
    """Begin what `replay_of` returns. Returns the operation's id and its size. Raises NotFound, Invalid."""
    return bulk_orders.start(desk, replay_of(desk, name, order))


def replay_of(desk: Desk, name: str, order: BulkOrder) -> BulkOrder:
    """Return the order to send the stored failures of a dead-letter queue that are in review again.

    `order` names some of them or has a filter; without either it is all.

    Raises:
        NotFound: there is no such queue. Invalid: it holds no dead letters, or `to_queue` is not registered.
    """
    _check_dead(desk, name)
    if order.to_queue is not None and order.to_queue not in desk.topology:
        raise Invalid([Fault("/toQueue", "is not a registered queue")])
    here = replace(order, action="replay", only=(Failure.queue == name, Failure.status == Status.REVIEW))
    if not order.ids and order.filter is None:
        here = replace(here, filter=FailureFilter(queue=name, status=Status.REVIEW))
    return here


def purge(desk: Desk, name: str, *, actor: str, reason: str | None = None) -> int:
    """Take a dead-letter queue's messages out of the broker, each only once it is stored here; returns how many.

    Raises:
        NotFound: there is no such queue. Invalid: its messages are not dead letters, so nothing stores them.
        Unavailable: the broker is away.
    """
    _check_dead(desk, name)
    try:
        desk.broker.ping()
        purged = _drain(desk, name)
    except MessagingError as error:
        raise Unavailable(f"The broker cannot be reached: {error}") from error
    with desk.store.write() as session:
        audit.record(session, actor=actor, action="queue.purge", now=desk.clock(), subject=name, reason=reason,
                     after={"purged": purged})
    return purged


def publish(desk: Desk, name: str, message: Message, *, actor: str) -> None:
    """Publish a message; the act is written down first, so that none goes out without its author's name.

    Raises:
        NotFound: there is no such queue. Unavailable: the broker did not take it.
    """
    check(desk, name)
    what = {"messageId": message.message_id, "bytes": len(message.body)}
    _note(desk, "queue.publish", name, actor, what)
    try:
        desk.broker.publish(name, message)
    except MessagingError as error:
        _note(desk, "queue.publish_failed", name, actor, what)
        raise Unavailable(f"The broker did not take the message: {error}") from error


def _note(desk: Desk, action: str, name: str, actor: str, what: Mapping[str, object]) -> None:
    with desk.store.write() as session:
        audit.record(session, actor=actor, action=action, now=desk.clock(), subject=name, after=dict(what))


def _check_dead(desk: Desk, name: str) -> None:
    check(desk, name)
    if not desk.topology[name].is_dead_letter_queue:
        raise Invalid([Fault("", f"{name} is not a dead-letter queue")])


def _drain(desk: Desk, name: str) -> int:
    """Store and acknowledge what is in the queue, as the worker's consumer does, until it is empty or 3 s are over."""
    stop, purged = Event(), 0

    def store(deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        nonlocal purged
        verdicts = receive_dead_letters(desk, deliveries)
        purged += sum(verdict is Verdict.ACK for verdict in verdicts)
        return verdicts

    consumer = Thread(target=lambda: desk.broker.consume([name], store, stop=stop, batch=PURGE_BATCH), daemon=True)
    consumer.start()
    try:
        _wait(lambda: desk.broker.depth(name) == 0)
    finally:
        stop.set()
        consumer.join(PURGE_SECONDS)
    return purged


def _wait(is_done: Callable[[], bool]) -> None:
    end = time.monotonic() + PURGE_SECONDS
    while not is_done() and time.monotonic() < end:
        time.sleep(0.02)
