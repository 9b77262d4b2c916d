"""Take failures in: what was answered is stored, and a repeat is the same failure."""

from collections.abc import Container, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, bindparam, select, tuple_
from sqlalchemy.exc import IntegrityError

from app.desk import Desk
from app.domain import exact_json
from app.domain.batch import split
from app.domain.report import ESCAPE, MAX_BATCH, MAX_REPORT, ParsedReport, parse_json, validate
from app.domain.text import clean
from app.domain.trace import first_valid
from app.errors import AppError, Fault, Forbidden, Invalid, TooLarge
from app.models.report import StoredReport
from app.services.new_failures import Arrival, Draft, Stored, batches_of_known, draft, store

KEY_LENGTH = 255
BATCH_KEY = "idempotencyKey"
ASKED_FOR = "The service asked for a person to look at it first."
Name = tuple[str, str]  # what a repeat is recognised by: scope and key

_KEY_FAULT = "must be 1 to 255 characters long"


class Receipt(NamedTuple):
    """The answer to a report; `replayed` when it came before."""

    id: str
    status: str
    next_attempt_at: datetime | None
    replayed: bool


def receive(
    desk: Desk, body: bytes, *, key: str | None, source: str | None, traceparent: str | None = None
) -> Receipt:
    """Store one report durably; the same key with the same JSON value is the same failure.

    `source` is the one that the sender may speak for; None means any. `traceparent` came beside the report.

    Raises:
        TooLarge, Malformed, Invalid: nothing is stored. Forbidden: the report names another source.
    """
    if len(body) > MAX_REPORT:
        raise TooLarge(f"A report may be up to {MAX_REPORT} bytes long.")
    parsed = _read(desk, body, source, [] if _good_key(key) else [Fault("/Idempotency-Key", _KEY_FAULT)])
    outcome = receive_arrivals(desk, [arrival_of(body, parsed, key or "", "rest", traceparent)])[0]
    if isinstance(outcome, AppError):
        raise outcome
    return outcome


def receive_batch(desk: Desk, body: bytes, *, source: str | None) -> list[Receipt | AppError]:
    """Store up to 1,000 reports in one transaction; each item has an answer of its own, in order.

    Raises:
        TooLarge, Malformed, Invalid: the batch as a whole cannot be read.
    """
    if len(body) > MAX_BATCH:
        raise TooLarge(f"A batch may be up to {MAX_BATCH} bytes long.")
    answers: list[Receipt | AppError | None] = []
    arrivals: list[Arrival] = []
    for value, text in split(body):
        try:
            arrivals.append(_batch_arrival(desk, value, text, source))
            answers.append(None)
        except AppError as error:
            answers.append(error)
    outcomes = iter(receive_arrivals(desk, arrivals) if arrivals else [])
    return [answer if answer is not None else next(outcomes) for answer in answers]


def receive_arrivals(desk: Desk, arrivals: Sequence[Arrival]) -> list[Receipt | AppError]:
    """Store the new ones among these in one transaction, and recognise the others."""
    drafts = draft(desk, arrivals)
    with suppress(IntegrityError):  # nearly every report is new: keys are not looked for, the unique constraint tells
        return _store_unseen(desk, drafts)
    with suppress(IntegrityError):  # another process may store one of the keys between our look and our write
        return _store_unused(desk, drafts)
    return _store_unused(desk, drafts)


def arrival_of(body: bytes, parsed: ParsedReport, key: str, via: str, traceparent: object = None) -> Arrival:
    """Turn a valid report into what is stored; its own `traceparent` goes before the one that came beside it."""
    report = parsed.report
    return Arrival(
        body=body, scope=f"source:{report.source}", key=clean(key), via=via, actor=report.source, source=report.source,
        operation=report.operation, kind=report.kind, error_type=report.error.type,
        error_message=report.error.message, parsed=parsed, remedy=parsed.remedy,
        review=ASKED_FOR if report.review else None, order_id=report.orderId, client_id=report.clientId,
        traceparent=first_valid(report.traceparent, traceparent) or report.traceparent,
    )


def _read(desk: Desk, body: bytes, source: str | None, faults: list[Fault]) -> ParsedReport:
    value = parse_json(body)
    _check_source(value, source)
    return _validate(desk, value, body, faults)


def _validate(desk: Desk, value: Any, body: bytes, faults: list[Fault]) -> ParsedReport:
    try:
        parsed = validate(value, desk.known, escaped=ESCAPE in body)
    except Invalid as error:
        raise Invalid([*faults, *error.faults]) from error
    if faults:
        raise Invalid(faults)
    return parsed


def _check_source(value: Any, source: str | None) -> None:
    # Before validation: who may not speak for a source is not told what is wrong with its report.
    if source is None or not isinstance(value, dict):
        return
    claimed = value.get("source")
    if isinstance(claimed, str) and claimed != source:
        raise Forbidden(f"This token reports for {source!r} alone.")


def _good_key(key: object) -> bool:
    return isinstance(key, str) and 1 <= len(key) <= KEY_LENGTH


def _batch_arrival(desk: Desk, value: Any, text: str, source: str | None) -> Arrival:
    if isinstance(value, Invalid):
        raise value
    body = text.encode()
    if len(body) > MAX_REPORT:
        raise TooLarge(f"A report may be up to {MAX_REPORT} bytes long.")
    _check_source(value, source)
    key = value.get(BATCH_KEY) if isinstance(value, dict) else None
    parsed = _validate(desk, value, body, [] if _good_key(key) else [Fault(f"/{BATCH_KEY}", _KEY_FAULT)])
    return arrival_of(body, parsed, str(key), "rest")


def _store_unseen(desk: Desk, drafts: Sequence[Draft]) -> list[Receipt | AppError]:
    fresh = _firsts(drafts)
    batches = batches_of_known(desk, list(fresh.values()))
    if batches:
        desk.store.run(batches)
    else:
        with desk.store.connect() as connection:
            store(connection, desk, list(fresh.values()))
    return [_answer(each, {}, fresh) for each in drafts]


def _store_unused(desk: Desk, drafts: Sequence[Draft]) -> list[Receipt | AppError]:
    with desk.store.connect() as connection:
        seen = _seen(connection, {_name(each) for each in drafts})
        fresh = _firsts(drafts, seen)
        if fresh:
            store(connection, desk, list(fresh.values()))
    return [_answer(each, seen, fresh) for each in drafts]


def _firsts(drafts: Sequence[Draft], seen: Container[Name] = ()) -> dict[Name, Draft]:
    fresh: dict[Name, Draft] = {}
    for each in drafts:
        if _name(each) not in seen:
            fresh.setdefault(_name(each), each)
    return fresh


def _name(each: Draft) -> Name:
    return each.arrival.scope, each.arrival.key


def _seen(connection: Connection, keys: set[Name]) -> dict[Name, tuple[Stored, bytes]]:
    if len(keys) == 1:
        ((scope, key),) = keys
        rows = connection.execute(_SEEN_ONE, {"scope_": scope, "key_": key})
    else:
        rows = connection.execute(_SEEN_MANY, {"keys": list(keys)})
    return {
        (row.scope, row.key): (Stored(row.failure_id, row.first_status, row.first_next_attempt_at), row.body)
        for row in rows
    }


def _answer(
    each: Draft, seen: dict[Name, tuple[Stored, bytes]], fresh: dict[Name, Draft]
) -> Receipt | AppError:
    name = _name(each)
    if fresh.get(name) is each:
        return _receipt(each.stored, replayed=False)
    first, body = seen[name] if name in seen else (fresh[name].stored, fresh[name].arrival.body)
    if not exact_json.same_value(body, each.arrival.body, ignore=BATCH_KEY):
        return Invalid([Fault("/Idempotency-Key", "was used before, with another body")])
    return _receipt(first, replayed=True)


def _receipt(stored: Stored, *, replayed: bool) -> Receipt:
    return Receipt(stored.id, stored.status, stored.next_attempt_at, replayed)


_REPORTS = cast(Table, StoredReport.__table__)
_SEEN = select(
    _REPORTS.c.scope, _REPORTS.c.key, _REPORTS.c.failure_id, _REPORTS.c.first_status, _REPORTS.c.first_next_attempt_at,
    _REPORTS.c.body,
)
_SEEN_ONE = _SEEN.where(_REPORTS.c.scope == bindparam("scope_"), _REPORTS.c.key == bindparam("key_"))
_SEEN_MANY = _SEEN.where(tuple_(_REPORTS.c.scope, _REPORTS.c.key).in_(bindparam("keys", expanding=True)))
