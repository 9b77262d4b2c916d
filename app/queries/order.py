"""All that is known of an order, in one place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.desk import Desk
from app.domain.masking import masked_text
from app.domain.text import clean
from app.errors import NotFound
from app.models.failure import Failure
from app.models.history import Event
from app.queries.failures import COLUMNS, FailureRow, row_of
from app.queries.order_records import Found, Record, records

MOST_FAILURES = 200
MOST_EVENTS = 1000
MOST_OTHERS = 5


@dataclass(frozen=True)
class Moment:
    """One thing that happened to the order; `what` is a short phrase for a translator's table."""

    at: datetime
    what: str
    source: str
    detail: str | None = None
    failure_id: str | None = None


@dataclass(frozen=True)
class OrderPage:
    """An order: what each service holds, its failures (newest first), and one timeline (oldest first)."""

    order_id: str
    records: tuple[Record, ...]
    failures: tuple[FailureRow, ...]
    timeline: tuple[Moment, ...]

    @property
    def status(self) -> str | None:
        """Return the status that Orders has, None where it has none or could not be asked."""
        record = next((record.record for record in self.records if record.what == "order"), None)
        return record["status"] if record else None

    @property
    def messages(self) -> tuple[FailureRow, ...]:
        """Return the failures that are messages."""
        return tuple(row for row in self.failures if row.kind == "message")


def order(desk: Desk, order_id: str) -> OrderPage:
    """Gather everything about an order.

    Raises:
        NotFound: neither the desk nor any service that answered knows it.
    """
    order_id = clean(order_id)
    with desk.store.read() as session:
        failures = _failures(session, order_id)
        events = _events(session, [row.id for row in failures])
    known = records(desk, order_id)
    if not failures and not any(record.found == Found.FOUND for record in known):
        raise NotFound(_nothing(order_id, known))
    happened = [*_reports(failures), *events, *_effects(known)]
    return OrderPage(order_id, tuple(known), failures, tuple(sorted(happened, key=lambda moment: moment.at)))


def others(session: Session, failure: FailureRow) -> tuple[FailureRow, ...]:
    """Return the newest other failures of a failure's order."""
    if failure.order_id is None:
        return ()
    mine = (Failure.order_id == failure.order_id, Failure.id != failure.id)
    rows = session.execute(select(*COLUMNS).where(*mine).order_by(Failure.created_at.desc()).limit(MOST_OTHERS))
    return tuple(map(row_of, rows))


def _failures(session: Session, order_id: str) -> tuple[FailureRow, ...]:
    rows = session.execute(
        select(*COLUMNS).where(Failure.order_id == order_id).order_by(Failure.created_at.desc()).limit(MOST_FAILURES)
    )
    return tuple(map(row_of, rows))


def _events(session: Session, failure_ids: Sequence[str]) -> list[Moment]:
    rows = session.scalars(
        select(Event).where(Event.failure_id.in_(failure_ids)).order_by(Event.id.desc()).limit(MOST_EVENTS)
    )
    return [
        Moment(row.at, row.action, row.actor, masked_text(row.reason) if row.reason else None, row.failure_id)
        for row in rows
    ]


def _reports(failures: Sequence[FailureRow]) -> Iterator[Moment]:
    for row in failures:
        if row.occurred_at is not None:
            yield Moment(row.occurred_at, "failed", row.source, f"{row.operation}: {row.error_message}", row.id)


def _effects(known: Sequence[Record]) -> Iterator[Moment]:
    for record in known:
        if record.found != Found.FOUND:
            continue
        if record.what == "order" and record.record["createdAt"] is not None:
            yield Moment(record.record["createdAt"], "order created", record.source)
        if record.what == "operations":
            for row in record.record:
                yield Moment(row["appliedAt"], row["kind"], row["appliedBy"], row["effect"])


def _nothing(order_id: str, known: Sequence[Record]) -> str:
    silent = sorted({record.source for record in known if record.found == Found.NOT_REACHABLE})
    words = f"Nothing is known of an order {order_id[:255]}."
    return f"{words} These could not be asked: {', '.join(silent)}." if silent else words
