"""Killed exactly before and after P10–P12, the points of a person's acts: all of an act is there, or nothing."""

from collections import Counter

import pytest
from sqlalchemy import select

from app.errors import Conflict
from app.models.audit import AuditEntry
from app.models.bulk import BulkItem, BulkOperation
from app.services import bulk
from tests.crash import points
from tests.crash.cells import at, each_side
from tests.crash.conftest import World
from tests.crash.killing import Side
from tests.crash.points import CORRECTED
from tests.factories import STOCK_DECREMENT, make_failure
from tests.looking import actions, all_failures, marker_kind, only_failure, outcomes, rows, stock

pytestmark = pytest.mark.crash

ITEMS = 3
SUCCEEDED = Counter(succeeded=ITEMS)


@each_side
@at(points.OUTCOME_POINTS)
def test_a_bulk_operation_ends_though_the_worker_that_wrote_its_last_outcome_died(
    world: World, point: str, side: Side
) -> None:
    """Nothing is relayed after the commit of an outcome: its bulk item, the breaker and the tallies are written in the
    same transaction, and that the operation is done is found by whichever worker looks next. So that is the cell.
    """
    make_failure(world.desk, remedy=STOCK_DECREMENT, status="review", next_attempt_at=None)
    points.order_bulk(world.desk)
    bulk.run_some(world.desk)
    world.kill(point, side)
    assert items(world) == (Counter(started=1) if side == "before" else Counter(succeeded=1))
    world.recover()
    assert (items(world), operations(world), stock(world.desk)) == (Counter(succeeded=1), ["done"], 96)


@each_side
@at(points.EDIT_POINTS)
def test_a_corrected_remedy_is_saved_with_its_retry_or_not_at_all(world: World, point: str, side: Side) -> None:
    failure_id = make_failure(world.desk, remedy=STOCK_DECREMENT, status="review", next_attempt_at=None)
    world.kill(point, side)
    row, audit = only_failure(world.desk), rows(world.desk, select(AuditEntry.action))
    if (point, side) == ("P11 retry", "after"):
        assert (row.status, row.remedy, len(audit)) == ("scheduled", CORRECTED, 1)
        with pytest.raises(Conflict):  # the person was not answered, and tries again
            points.correct(world.desk)
    else:
        assert (row.status, row.remedy, audit) == ("review", STOCK_DECREMENT, [])
        points.correct(world.desk)
    world.recover()
    assert (stock(world.desk), outcomes(world.desk, failure_id)) == (95, ["applied"])
    assert actions(world.desk, failure_id) == ["received", "retry", "claimed", "applied"]
    assert len(rows(world.desk, select(AuditEntry.action))) == 1


@each_side
@at(points.FREEZE_POINTS)
def test_a_bulk_operation_is_ordered_whole_or_not_at_all(world: World, point: str, side: Side) -> None:
    make_failures(world)
    world.kill(point, side)
    was_ordered = (point, side) == ("P12 order", "after")
    assert items(world) == (Counter(pending=ITEMS) if was_ordered else Counter())
    if not was_ordered:
        points.order_bulk(world.desk)
    world.recover()
    assert (items(world), operations(world), stock(world.desk)) == (SUCCEEDED, ["done"], 100 - 4 * ITEMS)


@each_side
@at(points.MARK_POINTS)
def test_a_bulk_operation_that_died_half_marked_goes_on_and_does_each_item_once(
    world: World, point: str, side: Side
) -> None:
    make_failures(world)
    points.order_bulk(world.desk)
    world.kill(point, side)
    marked = 2 if (point, side) == ("P12 second item", "after") else 1
    assert items(world) == Counter(started=marked, pending=ITEMS - marked)
    assert Counter(row.status for row in all_failures(world.desk)) == Counter(scheduled=marked, review=ITEMS - marked)
    world.recover()
    assert (items(world), operations(world), stock(world.desk)) == (SUCCEEDED, ["done"], 100 - 4 * ITEMS)
    assert {tuple(outcomes(world.desk, row.id)) for row in all_failures(world.desk)} == {("applied",)}


@each_side
@at(points.CLOSE_POINTS)
def test_failures_that_are_closed_in_bulk_are_barred_once_each(world: World, point: str, side: Side) -> None:
    make_failures(world)
    points.order_bulk(world.desk, "discard")
    world.kill(point, side)
    closed = 2 if (point, side) == ("P12 second closing", "after") else 1
    assert items(world) == Counter(succeeded=closed, pending=ITEMS - closed)
    world.recover()
    assert (items(world), operations(world), stock(world.desk)) == (SUCCEEDED, ["done"], 100)
    assert {row.status for row in all_failures(world.desk)} == {"discarded"}
    assert {marker_kind(world.desk, f"op-{number}") for number in range(ITEMS)} == {"tombstone"}


def make_failures(world: World) -> None:
    for number in range(ITEMS):
        remedy = STOCK_DECREMENT | {"operationId": f"op-{number}"}
        make_failure(world.desk, remedy=remedy, status="review", next_attempt_at=None)


def items(world: World) -> Counter[str]:
    return Counter(row.outcome for row in rows(world.desk, select(BulkItem.outcome)))


def operations(world: World) -> list[str]:
    return [row.status for row in rows(world.desk, select(BulkOperation.status))]
