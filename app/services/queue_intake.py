"""The same reports, and the confirmations, through queues: nothing is dropped, whatever it holds."""

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from app.desk import Desk
from app.domain.report import MAX_REPORT, parse, parse_json
from app.domain.text import clean
from app.domain.trace import HEADER, first_valid
from app.errors import AppError, Conflict, Fault, Invalid, NotFound, TooLarge
from app.ids import is_id, new_id
from app.models.history import SYSTEM
from app.services import returned
from app.services.intake import KEY_LENGTH, Receipt, arrival_of, receive_arrivals
from app.services.new_failures import Arrival, plain
from messaging import CONFIRMATIONS, INTAKE, Delivery, Message, Verdict

log = logging.getLogger(__name__)
_USED_BEFORE = "Its message id was used before, with another body."


def receive_reports(desk: Desk, deliveries: Sequence[Delivery]) -> list[Verdict]:
    """Store a batch from `failures.intake`; the body decides, the content type is only kept."""
    _store(desk, [(delivery, _report(desk, delivery.message)) for delivery in deliveries])
    return [Verdict.ACK] * len(deliveries)


def receive_confirmations(desk: Desk, deliveries: Sequence[Delivery]) -> list[Verdict]:
    """Take confirmations; one that cannot be read is stored for a person."""
    for delivery in deliveries:
        try:
            failure_id, attempt = _confirmation(delivery.message.body)
        except AppError as error:
            _store(desk, [(delivery, _unreadable(delivery.message, CONFIRMATIONS, error))])
            continue
        try:
            returned.confirm(desk, failure_id, attempt=attempt, source=None, actor=SYSTEM)
        except (NotFound, Conflict) as error:
            log.info("a confirmation says nothing new: %s", error.detail, extra={"failure_id": failure_id})
    return [Verdict.ACK] * len(deliveries)


def _report(desk: Desk, message: Message) -> Arrival:
    try:
        if len(message.body) > MAX_REPORT:
            raise TooLarge(f"It is {len(message.body)} bytes long; {MAX_REPORT} are read.")
        parsed = parse(message.body, desk.known)
    except AppError as error:
        return _unreadable(message, INTAKE, error)
    arrival = arrival_of(message.body, parsed, _key(message), "queue", message.headers.get(HEADER))
    return arrival._replace(**_envelope(message))


def _unreadable(message: Message, queue: str, error: AppError) -> Arrival:
    return Arrival(
        body=message.body, scope=f"queue:{queue}", key=_key(message), via="queue", actor=SYSTEM, source=queue,
        operation=queue, kind="message", error_type=type(error).__name__, error_message=error.detail,
        review=f"It could not be read: {error.detail}", queue=queue,
        traceparent=first_valid(message.headers.get(HEADER)), **_envelope(message),
    )


def _envelope(message: Message) -> dict[str, Any]:
    return {"message_id": message.message_id, "content_type": message.content_type, "headers": plain(message.headers)}


def _key(message: Message) -> str:
    """Return the message id; without one (or with an endless one) what is surely the same on redelivery."""
    if message.message_id and len(message.message_id) <= KEY_LENGTH:
        return clean(message.message_id)
    named = (message.message_id or "").encode("utf-8", "surrogatepass")
    return "sha256:" + hashlib.sha256(named + b"\x00" + message.body).hexdigest()


def _store(desk: Desk, taken: list[tuple[Delivery, Arrival]]) -> None:
    outcomes = receive_arrivals(desk, [arrival for _, arrival in taken])
    kept = [_kept_otherwise(*pair, outcome) for pair, outcome in zip(taken, outcomes, strict=True)]
    again = [arrival for arrival in kept if arrival is not None]
    if again:
        receive_arrivals(desk, again)


def _kept_otherwise(delivery: Delivery, arrival: Arrival, outcome: Receipt | AppError) -> Arrival | None:
    """Return under which other key to store what is new all the same; None when it is stored."""
    if isinstance(outcome, AppError):
        name = f"{arrival.key}\x00".encode() + arrival.body
        return arrival._replace(
            scope=f"again:{arrival.scope}", key=hashlib.sha256(name).hexdigest(), review=_USED_BEFORE
        )
    if outcome.replayed and not delivery.message.message_id and not delivery.redelivered:
        return arrival._replace(key=f"{arrival.key}:{new_id()}")  # nothing names it, and it was never here before
    return None


def _confirmation(body: bytes) -> tuple[str, int]:
    value = parse_json(body)
    failure_id = value.get("failureId") if isinstance(value, dict) else None
    attempt = value.get("attempt") if isinstance(value, dict) else None
    faults = []
    if not isinstance(failure_id, str) or not is_id(failure_id):
        faults.append(Fault("/failureId", "must be the id of a failure"))
    if type(attempt) is not int:
        faults.append(Fault("/attempt", "must be the number of an attempt"))
    if faults or not isinstance(failure_id, str) or not isinstance(attempt, int):
        raise Invalid(faults)
    return failure_id.lower(), attempt
