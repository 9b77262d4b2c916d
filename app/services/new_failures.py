"""Build the rows of a new failure; written by `intake` and `dead_letters`, committed by them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from app.desk import Desk
from app.domain.classify import Fingerprint, fingerprint
from app.domain.remedy import target_of
from app.domain.report import MAX_MESSAGE, ParsedReport
from app.domain.retry_policy import RetryAt, decide
from app.domain.status import Status
from app.domain.text import clean, cut
from app.ids import new_id
from app.models import transitions
from app.models.group import Group
from app.models.report import StoredReport
from app.services.policies import policies
from storage import Batch, inserting

_REPORTS: Table = StoredReport.__table__  # type: ignore[assignment]
_GROUPS: Table = Group.__table__  # type: ignore[assignment]
_NEW_GROUP: dict[str, Any] = {
    "sqlite": sqlite.insert(_GROUPS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_GROUPS).on_conflict_do_nothing(),
}
_NEW_REPORTS = inserting(_REPORTS)
_LONGEST_KNOWN = 10_000


class Arrival(NamedTuple):  # made by the thousand: a frozen dataclass takes three times as long
    """Something to store: its bytes, how it is recognised when it comes again, and what could be read of it."""

    body: bytes
    scope: str
    key: str
    via: str
    actor: str
    source: str
    operation: str
    kind: str
    error_type: str
    error_message: str
    parsed: ParsedReport | None = None
    remedy: dict[str, Any] | None = None
    review: str | None = None  # why a person must look at it first; None: the schedule decides
    order_id: str | None = None
    client_id: str | None = None
    queue: str | None = None
    message_id: str | None = None
    content_type: str | None = None
    headers: dict[str, Any] | None = None
    traceparent: str | None = None


def plain(headers: dict[str, Any]) -> dict[str, Any]:
    """Copy a message's headers to plain JSON: AMQP knows types that JSON does not."""
    copy: dict[str, Any] = json.loads(json.dumps(headers, default=str))
    return copy


class Stored(NamedTuple):
    """The first answer to an arrival; repeated for its repeats."""

    id: str
    status: str
    next_attempt_at: datetime | None


class Draft(NamedTuple):
    """A failure that is ready to be written; all that can be worked out before the transaction begins."""

    arrival: Arrival
    row: dict[str, Any]
    report: dict[str, Any]
    cause: Fingerprint

    @property
    def stored(self) -> Stored:
        """Return the answer that is true once the draft is written."""
        return Stored(self.row["id"], self.row["status"], self.row["next_attempt_at"])


def draft(desk: Desk, arrivals: Sequence[Arrival]) -> list[Draft]:
    """Prepare failures, so that no other writer waits for it; nothing is written."""
    now, schedules = desk.clock(), policies(desk)
    drafts = []
    for arrival in arrivals:
        row = _row(arrival, _why_review(desk, arrival), now)
        if row["status"] == Status.SCHEDULED:
            decision = decide(schedules[row["remedy_type"]], 0, now, scale=desk.scale, random=desk.random)
            row["next_attempt_at"] = decision.when if isinstance(decision, RetryAt) else now
        cause = fingerprint(
            arrival.source, arrival.operation, arrival.kind, arrival.error_type, arrival.error_message
        )
        drafts.append(Draft(arrival, row, _report_row(arrival, row), cause))
    return drafts


def store(connection: Connection, desk: Desk, drafts: Sequence[Draft]) -> None:
    """Insert failures with their reports, history, groups and tallies; the caller commits."""
    for batch in _batches(connection.dialect, drafts, _groups(connection, desk, drafts)):
        batch.run(connection)


def batches_of_known(desk: Desk, drafts: Sequence[Draft]) -> list[Batch] | None:
    """Make ready all that `store` inserts; None where a cause is not known yet."""
    groups = {each.cause.digest: desk.known_groups.get(each.cause.digest, "") for each in drafts}
    return _batches(desk.store.engine.dialect, drafts, groups) if all(groups.values()) else None


def _batches(dialect: Dialect, drafts: Sequence[Draft], groups: Mapping[str, str]) -> list[Batch]:
    rows = [each.row | {"group_id": groups[each.cause.digest]} for each in drafts]
    return [
        *transitions.creation(dialect, rows, actors=[each.arrival.actor for each in drafts]),
        _NEW_REPORTS.ready(dialect, [each.report for each in drafts]),
    ]


def _why_review(desk: Desk, arrival: Arrival) -> str | None:
    if arrival.review is not None:
        return arrival.review
    if arrival.remedy is None:
        return "It came without a remedy."
    return desk.targets.missing(target_of(arrival.remedy))


def _row(arrival: Arrival, review: str | None, now: datetime) -> dict[str, Any]:
    report = arrival.parsed.report if arrival.parsed else None
    remedy = arrival.remedy
    return {
        "id": new_id(),
        "status": (Status.SCHEDULED if review is None else Status.REVIEW).value,
        "reason": review,
        "version": 1,
        "source": arrival.source,
        "operation": arrival.operation,
        "kind": arrival.kind,
        "error_type": cut(arrival.error_type, 255),
        "error_message": cut(arrival.error_message, MAX_MESSAGE),
        "error_status": _small(report.error.status) if report else None,
        "order_id": arrival.order_id,
        "client_id": arrival.client_id,
        "queue": arrival.queue,
        "message_id": cut(clean(arrival.message_id), 255) if arrival.message_id is not None else None,
        "traceparent": arrival.traceparent,
        "occurred_at": report.occurredAt if report else None,
        "ship_by": report.shipBy if report else None,
        "created_at": now,
        "changed_at": now,
        "remedy": remedy,
        "remedy_type": remedy["type"] if remedy else None,
        "target": target_of(remedy) if remedy else None,
        "next_attempt_at": None,
        "attempts_made": 0,
        "attempts_counted": 0,
        "abandoned_in_a_row": 0,
        "fence": 0,
    }


def _small(number: int | None) -> int | None:
    return number if number is not None and abs(number) < 2**63 else None


def _report_row(arrival: Arrival, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "failure_id": row["id"],
        "scope": arrival.scope,
        "key": arrival.key,
        "via": arrival.via,
        "first_status": row["status"],
        "first_next_attempt_at": row["next_attempt_at"],
        "received_at": row["created_at"],
        "queue": arrival.queue,
        "message_id": clean(arrival.message_id) if arrival.message_id is not None else None,
        "content_type": clean(arrival.content_type) if arrival.content_type is not None else None,
        "headers": arrival.headers,
        "body": arrival.body,
    }


def _groups(connection: Connection, desk: Desk, drafts: Sequence[Draft]) -> dict[str, str]:
    first = {each.cause.digest: each for each in reversed(drafts)}
    return {
        digest: desk.known_groups.get(digest) or _find_or_make(connection, desk, each.arrival, each.cause)
        for digest, each in first.items()
    }


def _find_or_make(connection: Connection, desk: Desk, arrival: Arrival, mark: Fingerprint) -> str:
    wanted = select(_GROUPS.c.id).where(
        _GROUPS.c.fingerprint_version == mark.version, _GROUPS.c.fingerprint == mark.digest
    )
    found = connection.scalar(wanted)
    if found is not None:
        # Read in a transaction that did not write it: it is committed, and groups are never removed.
        if len(desk.known_groups) >= _LONGEST_KNOWN:
            desk.known_groups.clear()
        desk.known_groups[mark.digest] = found
        return str(found)
    connection.execute(
        _NEW_GROUP[connection.dialect.name],
        {
            "id": new_id(), "fingerprint_version": mark.version, "fingerprint": mark.digest, "title": mark.title,
            "source": arrival.source, "operation": arrival.operation, "kind": arrival.kind,
            "error_type": cut(arrival.error_type, 255), "first_seen": desk.clock(),
        },
    )
    return str(connection.scalar(wanted))
