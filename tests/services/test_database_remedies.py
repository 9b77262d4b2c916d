"""Stock and order status: effect and marker together or not at all, and preview says what apply would do."""

from contextlib import closing
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.desk import Desk
from app.domain.remedy import ORDER_STATUSES, ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.ids import new_id
from app.remedies import REMEDIES, Means, Outcome, Preview, Result, Run
from app.targets import Targets
from storage import open_store
from tests.factories import (
    ORDER_STATUS,
    STOCK_DECREMENT,
    break_writes,
    make_order,
    make_shop,
    make_stock,
    mend_writes,
)
from tests.looking import marker_kind, order_status, stock

TWO = STOCK_DECREMENT | {"components": [{"componentId": "top", "quantity": 1}, {"componentId": "leg", "quantity": 4}]}


@pytest.fixture(autouse=True)
def shop(desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=10, top=1)
    make_order(desk, "536365")


def run_of(desk: Desk, remedy: dict[str, Any], *, failure_id: str = "f-1", fence: int = 1) -> Run:
    return Run(failure_id, 1, fence, remedy, desk.clock())


def means(desk: Desk) -> Means:
    return Means(desk.targets, desk.broker)


def apply(desk: Desk, remedy: dict[str, Any], **run: Any) -> Result:
    return REMEDIES[remedy["type"]].apply(means(desk), run_of(desk, remedy, **run))


def preview(desk: Desk, remedy: dict[str, Any], **run: Any) -> Preview:
    return REMEDIES[remedy["type"]].preview(means(desk), run_of(desk, remedy, **run))


def bar(desk: Desk, remedy: dict[str, Any], **run: Any) -> bool:
    return REMEDIES[remedy["type"]].bar(means(desk), run_of(desk, remedy, **run))


def on_warehouse(desk: Desk, statement: str) -> None:
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        connection.execute(text(statement))


AGREES = {Outcome.APPLIED: "would_apply", Outcome.ALREADY_APPLIED: "already_applied",
Outcome.SUPERSEDED: "already_applied",
          Outcome.PERMANENT: "would_fail", Outcome.PASSING: "would_fail"}


def judged(desk: Desk, remedy: dict[str, Any], **run: Any) -> Outcome:
    """Apply what was previewed, and check that the two agree."""
    foreseen = preview(desk, remedy, **run)
    result = apply(desk, remedy, **run)
    assert foreseen.outcome == AGREES[result.outcome]
    assert bool(foreseen.changes) == (foreseen.outcome == "would_apply")
    return result.outcome


def test_stock_is_taken_once_however_often_it_is_applied(desk: Desk) -> None:
    assert judged(desk, TWO) == Outcome.APPLIED
    assert [judged(desk, TWO, fence=fence) for fence in (1, 2, 3)] == [Outcome.ALREADY_APPLIED] * 3
    assert (stock(desk, "leg"), stock(desk, "top"), marker_kind(desk, "op-1")) == (6, 0, "stock_decrement")


def test_preview_names_every_change_and_changes_nothing(desk: Desk) -> None:
    foreseen = preview(desk, TWO)
    assert [(change.what, change.before, change.after) for change in foreseen.changes] == [
        ("stock of leg", 10, 6), ("stock of top", 1, 0),
    ]
    assert (stock(desk, "leg"), marker_kind(desk, "op-1")) == (10, None)


def test_when_one_component_is_short_none_is_taken_and_no_marker_is_left(desk: Desk) -> None:
    short = TWO | {"components": [{"componentId": "leg", "quantity": 1}, {"componentId": "top", "quantity": 2}]}
    assert judged(desk, short) == Outcome.PERMANENT
    assert (stock(desk, "leg"), marker_kind(desk, "op-1")) == (10, None)


@pytest.mark.parametrize("components", [[("leg", 11)], [("leg", 6), ("leg", 5)], [("screw", 1)], [("leg",
10**9)] * 100])
def test_what_is_not_there_is_permanent(desk: Desk, components: list[tuple[str, int]]) -> None:
    wanted = [{"componentId": name, "quantity": quantity} for name, quantity in components]
    assert judged(desk, STOCK_DECREMENT | {"components": wanted}) == Outcome.PERMANENT
    assert stock(desk) == 10


def test_a_component_named_twice_is_taken_twice(desk: Desk) -> None:
    wanted = [{"componentId": "leg", "quantity": 3}, {"componentId": "leg", "quantity": 4}]
    assert judged(desk, STOCK_DECREMENT | {"components": wanted}) == Outcome.APPLIED
    assert stock(desk) == 3


def test_what_the_owner_applied_counts_and_another_version_is_told(desk: Desk) -> None:
    apply(desk, STOCK_DECREMENT)
    result = apply(desk, TWO)
    assert result.outcome == Outcome.ALREADY_APPLIED
    assert "differs" in result.detail
    assert stock(desk) == 6


@pytest.mark.parametrize("now", [*ORDER_STATUSES, "cancelled"])
@pytest.mark.parametrize(("source", "to"), [*combinations(ORDER_STATUSES, 2)])
def test_an_order_never_goes_back(desk: Desk, now: str, source: str, to: str) -> None:
    place = ORDER_STATUSES.index
    make_order(desk, "1", status=now)
    outcome = judged(desk, ORDER_STATUS | {"orderId": "1", "from": source, "to": to})
    if now == "cancelled":
        expected = Outcome.PERMANENT
    elif now == to:
        expected = Outcome.ALREADY_APPLIED
    elif place(now) > place(to):
        expected = Outcome.SUPERSEDED
    else:
        expected = Outcome.APPLIED if place(now) >= place(source) else Outcome.PASSING
    assert outcome == expected
    assert order_status(desk, "1") == (to if outcome == Outcome.APPLIED else now)
    assert (marker_kind(desk, "op-2", ORDERS_DATABASE) is not None) == (outcome == Outcome.APPLIED)


@given(steps=st.lists(st.sampled_from([*combinations(ORDER_STATUSES, 2)]), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_whatever_comes_in_whatever_order_an_order_stands_where_the_model_says(
    desk: Desk, steps: list[tuple[str, str]]
) -> None:
    order, stands = new_id(), "placed"
    make_order(desk, order, status=stands)
    for number, (source, to) in enumerate(steps):
        remedy = ORDER_STATUS | {"operationId": f"{order}-{number}", "orderId": order, "from": source, "to": to}
        apply(desk, remedy)
        place = ORDER_STATUSES.index
        stands = to if place(source) <= place(stands) < place(to) else stands
        assert order_status(desk, order) == stands


def test_an_unknown_order_is_permanent(desk: Desk) -> None:
    assert judged(desk, ORDER_STATUS | {"orderId": "nobody"}) == Outcome.PERMANENT


def test_a_trigger_that_raises_is_a_passing_reason_and_leaves_nothing(desk: Desk) -> None:
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        break_writes(connection, "components")
    result = apply(desk, STOCK_DECREMENT)
    assert (result.outcome, result.unavailable) == (Outcome.PASSING, False)
    assert "db_write_fails" in result.detail
    assert (stock(desk), marker_kind(desk, "op-1")) == (10, None)
    with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
        mend_writes(connection, "components")
    assert apply(desk, STOCK_DECREMENT).outcome == Outcome.APPLIED


def test_a_locked_database_is_a_passing_reason(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.targets.DATABASE_BUSY_SECONDS", 0.05)
    with closing(Targets(desk.settings.targets, desk.topology)) as impatient:
        hurried = replace(desk, targets=impatient)
        with desk.targets.store(WAREHOUSE_DATABASE).connect() as connection:
            connection.execute(text("UPDATE components SET available = available"))
            result = apply(hurried, STOCK_DECREMENT)
    assert (result.outcome, result.unavailable) == (Outcome.PASSING, True)
    assert apply(desk, STOCK_DECREMENT).outcome == Outcome.APPLIED


def test_a_missing_table_or_file_is_a_passing_reason(desk: Desk) -> None:
    on_warehouse(desk, "DROP TABLE components")
    assert judged(desk, STOCK_DECREMENT) == Outcome.PASSING
    desk.targets._stores[WAREHOUSE_DATABASE] = open_store("sqlite:////nowhere/at/all.db")
    assert judged(desk, STOCK_DECREMENT) == Outcome.PASSING


def test_a_tombstone_makes_a_late_run_do_nothing_and_gives_way_after_a_reopening(desk: Desk) -> None:
    assert bar(desk, STOCK_DECREMENT, fence=3)
    assert [judged(desk, STOCK_DECREMENT, fence=fence) for fence in (1, 2, 3)] == [Outcome.ALREADY_APPLIED] * 3
    assert (stock(desk), marker_kind(desk, "op-1")) == (10, "tombstone")
    assert judged(desk, STOCK_DECREMENT, fence=4) == Outcome.APPLIED
    assert (stock(desk), marker_kind(desk, "op-1")) == (6, "stock_decrement")


def test_a_tombstone_does_not_cover_an_effect(desk: Desk) -> None:
    apply(desk, STOCK_DECREMENT)
    assert not bar(desk, STOCK_DECREMENT, fence=9)
    assert marker_kind(desk, "op-1") == "stock_decrement"


def test_a_slow_closer_does_not_lower_a_tombstone(desk: Desk) -> None:
    bar(desk, STOCK_DECREMENT, fence=5)
    assert bar(desk, STOCK_DECREMENT, fence=2)
    assert judged(desk, STOCK_DECREMENT, fence=5) == Outcome.ALREADY_APPLIED


def test_a_tombstone_rolls_back_with_an_effect_that_cannot_be(desk: Desk) -> None:
    bar(desk, TWO, fence=1)
    on_warehouse(desk, "UPDATE components SET available = 0")
    assert judged(desk, TWO, fence=2) == Outcome.PERMANENT
    assert marker_kind(desk, "op-1") == "tombstone"


def test_what_was_closed_under_one_failure_is_not_done_under_another_with_the_same_operation(desk: Desk) -> None:
    bar(desk, STOCK_DECREMENT, failure_id="f-1", fence=0)
    assert judged(desk, STOCK_DECREMENT, failure_id="f-2", fence=7) == Outcome.ALREADY_APPLIED
    assert stock(desk) == 10
    assert judged(desk, STOCK_DECREMENT, failure_id="f-1", fence=1) == Outcome.APPLIED  # reopened, and retried


def test_an_operation_id_of_any_kind_is_one_operation(desk: Desk) -> None:
    for name in ("", " ", "'; DROP TABLE components; --", "🪑" * 255, "a\nb"):
        remedy = STOCK_DECREMENT | {"operationId": name, "components": [{"componentId": "leg", "quantity": 1}]}
        assert [judged(desk, remedy), judged(desk, remedy)] == [Outcome.APPLIED, Outcome.ALREADY_APPLIED]
    assert stock(desk) == 5
