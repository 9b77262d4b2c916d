"""Queues: how much waits in each, how much of it is stored here, and what the messages are."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.desk import Desk, QueueState
from app.domain.masking import masked, masked_bytes, masked_text
from app.errors import NotFound, Unavailable
from app.models.failure import Failure
from app.models.report import StoredReport
from app.queries.indexes import OPEN_QUEUE, along, is_open
from messaging import Message, MessagingError, QueueDiffers, newest_death

MOST_COUNTED = 10_000
LATELY = 2.0  # seconds; what pages that ask every few seconds may show


@dataclass(frozen=True)
class QueueRow:
    """A queue. `depth` None: the broker is away. `stored` counts up to 10,000 open failures that came from it."""

    name: str
    is_dead_letter_queue: bool
    depth: int | None
    stored: int
    oldest: datetime | None


@dataclass(frozen=True)
class MessageRow:
    """A message: in the queue, or (with `failure_id`) taken from it and stored here."""

    id: str | None
    body_base64: str
    headers: dict[str, Any]
    content_type: str | None
    died_of: str | None
    failure_id: str | None = None
    at: datetime | None = None


def listed(desk: Desk, age: float = 0.0) -> list[QueueRow]:
    """Return every queue of the topology; what the broker says of them may be `age` seconds old."""
    states = _states(desk, age)
    with desk.store.read() as session:
        return [_row(desk, session, name, states) for name in desk.topology.queues]


def one(desk: Desk, name: str) -> QueueRow:
    """Return one queue. Raises NotFound."""
    check(desk, name)
    states = _states(desk)
    with desk.store.read() as session:
        return _row(desk, session, name, states)


def depths(desk: Desk) -> dict[str, int]:
    """Return how much waits in each queue; nothing while the broker is away."""
    return {name: depth for name, (depth, _) in _states(desk).items()}


def messages(desk: Desk, name: str, limit: int) -> list[MessageRow]:
    """Show up to `limit` messages, the oldest first: those stored here from a dead-letter queue, then those in it.

    Looking changes neither order nor depth.

    Raises:
        NotFound: there is no such queue. Unavailable: the broker is away.
    """
    check(desk, name)
    with desk.store.read() as session:
        stored = list(_stored(session, name, limit))
    return stored if len(stored) >= limit else stored + waiting(desk, name, limit - len(stored))


def waiting(desk: Desk, name: str, limit: int) -> list[MessageRow]:
    """Show the messages that are in a queue of the broker, without taking them. Raises NotFound, Unavailable."""
    check(desk, name)
    if name not in _states(desk, LATELY):
        raise Unavailable("The broker does not answer.")  # known lately: nobody waits for it once more
    try:
        found = desk.broker.peek(name, limit)
    except MessagingError as error:
        raise Unavailable(f"The broker cannot be asked: {error}") from error
    return [message_row(message.message_id, message) for message in found]


def check(desk: Desk, name: str) -> None:
    """Raise NotFound unless there is such a queue."""
    if name not in desk.topology:
        raise NotFound(f"There is no queue {name[:255]!r}.")


def _row(desk: Desk, session: Session, name: str, states: Mapping[str, QueueState]) -> QueueRow:
    depth, oldest = states.get(name, (None, None))
    open_ones = (Failure.queue == name, is_open())
    oldest_first = select(Failure.created_at).where(*open_ones).order_by(Failure.created_at)
    some = along(OPEN_QUEUE, oldest_first).limit(MOST_COUNTED)
    stored, first = session.execute(select(func.count(), func.min(some.subquery().c.created_at))).one()
    return QueueRow(name, desk.topology[name].is_dead_letter_queue, depth, stored,
                    min((at for at in (oldest, first) if at is not None), default=None))


def _states(desk: Desk, age: float = 0.0) -> Mapping[str, QueueState]:
    """Ask the broker for every queue; those that it tells nothing of are not among them."""
    return desk.queue_states.get(lambda: _ask(desk), age) or {}


def _ask(desk: Desk) -> dict[str, QueueState] | None:
    states = {}
    for name in desk.topology.queues:
        try:
            states[name] = desk.broker.depth(name), desk.broker.oldest(name)
        except QueueDiffers:
            continue  # the others can be looked at
        except MessagingError:
            return None
    return states


def _stored(session: Session, name: str, limit: int) -> Iterable[MessageRow]:
    oldest_first = (
        select(StoredReport, Failure.created_at)
        .join(Failure, Failure.id == StoredReport.failure_id)
        .where(Failure.queue == name, is_open())
        .order_by(Failure.created_at, Failure.id)
    )
    for report, at in session.execute(along(OPEN_QUEUE, oldest_first).limit(limit)):
        message = Message(report.body, report.message_id, report.content_type, report.headers or {})
        yield message_row(report.message_id or report.failure_id, message, report.failure_id, at)


def message_row(
    message_id: str | None, message: Message, failure_id: str | None = None, at: datetime | None = None
) -> MessageRow:
    """Return a message as it may be shown: secrets masked."""
    death = newest_death(message.headers)
    return MessageRow(
        None if message_id is None else masked_text(message_id), base64.b64encode(masked_bytes(message.body)).decode(),
        masked(_plain(message.headers)), message.content_type, death.reason if death else None, failure_id, at,
    )


def _plain(value: Any) -> Any:
    """Copy a header's value to what JSON knows: AMQP knows more."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
