"""Drain dead-letter queues: every message stored once, as it came; what came back counts against its attempt."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain import exact_json
from app.domain.status import Status
from app.domain.text import clean, cut
from app.domain.trace import HEADER, first_valid
from app.ids import new_id
from app.models import transitions
from app.models.history import SYSTEM
from app.models.report import StoredReport
from app.services import returned
from app.services.new_failures import Arrival, draft, plain, store
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Death, Delivery, Message, Verdict
from messaging.deaths import newest_death, without_death

EXPIRED = "expired"
LONGEST_NAME = 255
_WHY_DEAD = {
    "rejected": "Its consumer could not read it and refused it.",
    "delivery_limit": "It was delivered as often as its queue allows, without success.",
    "maxlen": "Its queue was full.",
}
_NO_DEATH = "It came without a readable x-death: nobody knows why it is here."


def receive_dead_letters(desk: Desk, deliveries: Sequence[Delivery]) -> list[Verdict]:
    """Store a batch from one dead-letter queue in one transaction; acknowledge only after the commit."""
    try:
        return _receive(desk, deliveries)
    except IntegrityError:
        return _receive(desk, deliveries)  # another consumer stored one of them just now


def _receive(desk: Desk, deliveries: Sequence[Delivery]) -> list[Verdict]:
    with desk.store.write() as session:
        verdicts = []
        fresh: dict[str, Arrival] = {}
        for delivery in deliveries:
            verdict = returned.take_back(session, desk, delivery)
            if verdict is None:
                verdict = Verdict.ACK
                arrival = _arrival(desk, delivery)
                if _is_nameless(delivery.message) and not delivery.redelivered and _is_known(session, arrival, fresh):
                    arrival = arrival._replace(key=f"{arrival.key}:{new_id()}")  # alike, and yet another
                if not _came_before(session, desk, arrival):
                    fresh.setdefault(arrival.key, arrival)
            verdicts.append(verdict)
        if fresh:
            store(session.connection(), desk, draft(desk, list(fresh.values())))
    return verdicts


def _is_nameless(message: Message) -> bool:
    """Tell whether a message has neither an id nor a time of death: put here by hand, it is told by its delivery."""
    death = newest_death(message.headers)
    return not message.message_id and (death is None or death.time is None)


def _is_known(session: Session, arrival: Arrival, fresh: Mapping[str, Arrival]) -> bool:
    same = select(StoredReport.failure_id).where(StoredReport.scope == arrival.scope, StoredReport.key == arrival.key)
    return arrival.key in fresh or session.scalar(same) is not None


def _came_before(session: Session, desk: Desk, arrival: Arrival) -> bool:
    row = session.execute(
        select(StoredReport.failure_id, StoredReport.headers)
        .where(StoredReport.scope == arrival.scope, StoredReport.key == arrival.key)
    ).one_or_none()
    if row is None:
        return False
    if row.headers != arrival.headers:  # not the same delivery once more: it died again
        _reopen(session, desk, row.failure_id)
    return True


def _reopen(session: Session, desk: Desk, failure_id: str) -> None:
    failure = transitions.read(session, failure_id)
    words = "Its message came back to the dead-letter queue."
    if failure.status in (Status.RESOLVED, Status.DISCARDED):
        transitions.move_to(
            session, failure, Status.REVIEW, actor=SYSTEM, action="came_back", now=desk.clock(), reason=words,
            shown_reason=words,
        )
    else:
        transitions.note(session, failure, actor=SYSTEM, action="came_back", now=desk.clock(), reason=words)


def _arrival(desk: Desk, delivery: Delivery) -> Arrival:
    message, origin = delivery.message, desk.topology.origin(delivery.queue)
    headers = plain(message.headers)
    death = newest_death(message.headers)
    order_id, client_id = _ids(message.body)
    return Arrival(
        body=message.body, scope=f"queue:{delivery.queue}", key=_key(message, death), via="dlq", actor=SYSTEM,
        source=origin.producer, operation=origin.name, kind="message",
        error_type=clean(death.reason) if death else "unknown", error_message=_words(death),
        remedy=_remedy(origin.name, message),
        review=None if death and death.reason == EXPIRED else _words(death), order_id=order_id, client_id=client_id,
        queue=delivery.queue, message_id=message.message_id, content_type=message.content_type, headers=headers,
        traceparent=first_valid(message.headers.get(HEADER)),
    )


def _key(message: Message, death: Death | None) -> str:
    name = message.message_id
    if name and len(name) <= LONGEST_NAME and clean(name) == name:
        return f"id:{name}"
    if name:  # too long for its column, or with characters that no database takes and that tell two ids apart
        return "sha256:" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return "none:" + hashlib.sha256(message.body + b"\x00" + _circumstances(message, death).encode()).hexdigest()


def _circumstances(message: Message, death: Death | None) -> str:
    if death is None:
        return json.dumps(message.headers, sort_keys=True, default=str)
    # The count too: a broker keeps the first time when the same message dies again for the same reason.
    return f"{death.time.isoformat() if death.time else ''} {death.count}"


def _words(death: Death | None) -> str:
    if death is None:
        return _NO_DEATH
    if death.reason == EXPIRED:
        return "Nobody took it from its queue in time."
    return _WHY_DEAD.get(death.reason, f"It was dead-lettered: {cut(clean(death.reason), 100)}.")


def _remedy(queue: str, message: Message) -> dict[str, Any]:
    headers = {
        name: value
        for name, value in without_death(message.headers).items()
        if name not in (FAILURE_ID, FAILURE_ATTEMPT)
    }
    remedy: dict[str, Any] = {
        "type": "publish_message", "queue": queue, "bodyBase64": base64.b64encode(message.body).decode(),
        "headers": plain(headers),
    }
    if message.message_id and len(message.message_id) <= 255:
        remedy["messageId"] = message.message_id
    if message.content_type:
        remedy["contentType"] = cut(message.content_type, 255)
    return remedy


def _ids(body: bytes) -> tuple[str | None, str | None]:
    """Read orderId and clientId from a JSON body; what cannot be read names neither."""
    try:
        value = exact_json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(value, dict):
        return None, None
    return _id(value.get("orderId")), _id(value.get("clientId"))


def _id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = clean(str(value))
    return text if 0 < len(text) <= 255 else None
