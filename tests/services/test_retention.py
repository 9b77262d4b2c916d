"""Retention: what was closed long ago goes, chunk by chunk; what is open, and what proves who did what, stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.domain.status import Status
from app.models.attempt import attempts
from app.models.audit import AuditEntry
from app.models.failure import failures
from app.models.history import events
from app.models.report import StoredReport
from app.queries import received
from app.services import retention, retrying
from app.services.housekeeping import prune
from app.services.review import comment, discard, reopen
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.fakes import FakeClock
from tests.looking import all_failures, marker_kind, outcomes, rows, stock
from tests.queries.plans import plans

OPEN = [Status.SCHEDULED, Status.RUNNING, Status.SENT, Status.REVIEW]
MOMENTS = {Status.SCHEDULED: "next_attempt_at", Status.RUNNING: "lease_until", Status.SENT: "confirm_by"}


def closed(desk: Desk, days: float, status: str = "resolved", **columns: Any) -> str:
    """Insert a failure that was closed so many days ago."""
    moment = desk.clock() - timedelta(days=days)
    return make_failure(desk, status=status, created_at=moment, changed_at=moment, **columns)


def left(desk: Desk) -> set[str]:
    """Prune to the end, and return the ids of what is left."""
    while prune(desk):
        pass
    return {row.id for row in all_failures(desk)}


@pytest.mark.parametrize("status", ["resolved", "discarded"])
def test_what_names_no_order_is_kept_for_ninety_days(desk: Desk, status: str) -> None:
    closed(desk, 91, status, order_id=None)
    kept = closed(desk, 89, status, order_id=None)
    assert left(desk) == {kept}


@pytest.mark.parametrize("status", ["resolved", "discarded"])
def test_what_names_an_order_is_kept_for_more_than_a_year(desk: Desk, status: str) -> None:
    closed(desk, 401, status)
    kept = closed(desk, 399, status)
    assert left(desk) == {kept}


@pytest.mark.parametrize("status", OPEN)
def test_what_is_open_is_never_touched(desk: Desk, status: Status) -> None:
    moment = {MOMENTS[status]: desk.clock()} if status in MOMENTS else {}
    kept = {closed(desk, 5000, status, order_id=order_id, **moment) for order_id in (None, "536365")}
    assert left(desk) == kept


def test_what_was_remarked_on_or_reopened_since_is_kept(desk: Desk) -> None:
    remarked, reopened = closed(desk, 500), closed(desk, 500)
    comment(desk, remarked, actor="operator", text="The customer has written again.")
    reopen(desk, reopened, actor="operator", reason="It was not put right.")
    assert left(desk) == {remarked, reopened}


def test_a_failure_goes_with_its_report_attempts_and_history_and_the_audit_stays(desk: Desk, clock: FakeClock) -> None:
    make_shop(desk)
    make_stock(desk, leg=100)
    make_failure(desk, remedy=STOCK_DECREMENT)
    retrying.work(desk, "warehouse-db", "worker")
    by_hand = make_failure(desk)
    discard(desk, by_hand, actor="operator", reason="A test of the shop's.")
    clock.advance(timedelta(days=401).total_seconds())
    assert left(desk) == set()
    for table in (StoredReport.failure_id, attempts.c.failure_id, events.c.failure_id):
        assert rows(desk, select(table)) == []
    assert [row.failure_id for row in rows(desk, select(AuditEntry.failure_id))] == [by_hand]


def test_reported_again_after_its_removal_its_effect_does_not_happen_twice(desk: Desk, clock: FakeClock) -> None:
    make_shop(desk)
    make_stock(desk, leg=100)
    for expected in ("applied", "already_applied"):
        failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
        retrying.work(desk, "warehouse-db", "worker")
        assert outcomes(desk, failure_id) == [expected]
        clock.advance(timedelta(days=401).total_seconds())
        assert left(desk) == set()
    assert (stock(desk), marker_kind(desk, "op-1")) == (96, "stock_decrement")


def test_a_removed_failure_still_counts_as_received(desk: Desk) -> None:
    closed(desk, 500)
    assert left(desk) == set()
    with desk.store.read() as session:
        assert received.by_source_and_kind(session) == {("warehouse", "db_write"): 1}


def test_one_transaction_removes_no_more_than_a_chunk_the_oldest_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "CHUNK", 3)
    newest_first = [closed(desk, 500 + days) for days in range(7)]
    sizes = []
    while prune(desk):
        sizes.append(len(all_failures(desk)))
        assert {row.id for row in all_failures(desk)} == set(newest_first[:sizes[-1]])
    assert sizes == [4, 1, 0]


def test_what_another_worker_is_removing_is_not_waited_for(desk: Desk) -> None:
    if desk.store.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    taken, free = closed(desk, 502), closed(desk, 501)
    with desk.store.write() as session:
        session.execute(select(failures.c.id).where(failures.c.id == taken).with_for_update())
        assert prune(desk)
    assert {row.id for row in all_failures(desk)} == {taken}
    assert free not in left(desk)


def test_looking_for_the_oldest_walks_through_no_table(desk: Desk) -> None:
    sent = plans(desk, lambda: retention.prune(desk))
    looks = [plan for statement, plan in sent.items() if "FROM failures" in statement]
    assert "ix_failures_closed " in looks[0]
    assert "ix_failures_closed_order" in looks[1]
