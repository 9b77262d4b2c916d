"""Look into the database as a test does: what became of a failure, and whether everything stored agrees."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, Select, func, select, text

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.domain.status import OPEN, Status, may_move
from app.models.attempt import attempts
from app.models.failure import Failure, failures
from app.models.history import events
from app.models.report import StoredReport
from app.models.tallies import tallies


def rows(desk: Desk, statement: Select[Any]) -> list[Row[Any]]:
    with desk.store.read() as session:
        return list(session.execute(statement))


def failure(desk: Desk, failure_id: str) -> Failure:
    with desk.store.read() as session:
        return session.get_one(Failure, failure_id)


def status(desk: Desk, failure_id: str) -> str:
    return failure(desk, failure_id).status


def all_failures(desk: Desk) -> list[Row[Any]]:
    return rows(desk, select(failures).order_by(failures.c.created_at, failures.c.id))


def only_failure(desk: Desk) -> Row[Any]:
    (row,) = all_failures(desk)
    return row


def attempts_of(desk: Desk, failure_id: str) -> list[Row[Any]]:
    return rows(desk, select(attempts).where(attempts.c.failure_id == failure_id).order_by(attempts.c.number))


def outcomes(desk: Desk, failure_id: str) -> list[str | None]:
    return [attempt.outcome for attempt in attempts_of(desk, failure_id)]


def events_of(desk: Desk, failure_id: str) -> list[Row[Any]]:
    return rows(desk, select(events).where(events.c.failure_id == failure_id).order_by(events.c.id))


def actions(desk: Desk, failure_id: str) -> list[str]:
    return [event.action for event in events_of(desk, failure_id)]


def stored_report(desk: Desk, failure_id: str) -> StoredReport:
    with desk.store.read() as session:
        return session.get_one(StoredReport, failure_id)


def stock(desk: Desk, component: str = "leg") -> int:
    return _of_target(desk, WAREHOUSE_DATABASE, "SELECT available FROM components WHERE component_id = :key", component)


def order_status(desk: Desk, order: str = "536365") -> str:
    return _of_target(desk, ORDERS_DATABASE, "SELECT status FROM orders WHERE order_id = :key", order)


def marker_kind(desk: Desk, operation: str, target: str = WAREHOUSE_DATABASE) -> str | None:
    return _of_target(desk, target, "SELECT kind FROM applied_operations WHERE operation_id = :key", operation)


def _of_target(desk: Desk, target: str, statement: str, key: str) -> Any:
    with desk.targets.store(target).read() as session:
        return session.scalar(text(statement), {"key": key})


def assert_consistent(desk: Desk) -> None:
    """Check what must hold at every moment between transactions: history, attempts and tallies agree with the rows."""
    history, numbers = defaultdict(list), defaultdict(list)
    for event in rows(desk, select(events).order_by(events.c.id)):
        history[event.failure_id].append(event)
    for attempt in rows(desk, select(attempts.c.failure_id, attempts.c.number).order_by(attempts.c.number)):
        numbers[attempt.failure_id].append(attempt.number)
    everything = all_failures(desk)
    for row in everything:
        _assert_history(history[row.id], row)
        assert numbers[row.id] == [*range(1, row.attempts_made + 1)], f"attempts of {row.id}: {numbers[row.id]}"
        assert (row.lease_until is not None) == (row.status == Status.RUNNING)
        assert (row.next_attempt_at is not None) == (row.status == Status.SCHEDULED)
        assert (row.confirm_by is not None) == (row.status == Status.SENT)
    _assert_tallies(desk, everything)


def _assert_history(history: list[Row[Any]], row: Row[Any]) -> None:
    assert history[0].from_status is None
    at = history[0].to_status
    for event in history[1:]:
        assert event.from_status == at, f"{event.action}: history says {event.from_status}, it was {at}"
        stays = event.from_status == event.to_status
        assert may_move(Status(event.from_status), Status(event.to_status)) or stays, f"{at} → {event.to_status}"
        at = event.to_status
    assert at == row.status


def _assert_tallies(desk: Desk, everything: list[Row[Any]]) -> None:
    counted = {
        row.group_id: (row.total, row.open)
        for row in rows(desk, select(tallies.c.group_id, func.sum(tallies.c.total).label("total"),
                                     func.sum(tallies.c.open).label("open")).group_by(tallies.c.group_id))
    }
    real: dict[str, tuple[int, int]] = {}
    for row in everything:
        total, still_open = real.get(row.group_id, (0, 0))
        real[row.group_id] = (total + 1, still_open + (row.status in OPEN))
    assert counted == real
