"""The desk at a glance, at bounded cost."""

import pytest

from app.queries import overview, queues, targets
from app.queries.counts import Count
from tests.factories import STOCK_DECREMENT, make_failure
from tests.queries.counting import counted


def figures(desk, most: int = 1000) -> overview.Overview:
    with desk.store.read() as session:
        return overview.overview(session, desk, most)


def test_it_counts_what_is_open_and_what_is_late(desk, clock) -> None:
    began = clock()
    make_failure(desk, remedy=STOCK_DECREMENT)
    make_failure(desk)
    clock.advance(1)
    make_failure(desk)
    make_failure(desk, status="resolved")
    seen = figures(desk)
    assert {status: count.number for status, count in seen.open.items()} == {
        "review": 2, "running": 0, "scheduled": 1, "sent": 0}
    assert (seen.due.number, seen.overdue.number, seen.oldest_review) == (1, 0, began)
    clock.advance(40)
    assert figures(desk).overdue.number == 1


def test_it_counts_no_further_than_anybody_needs(desk) -> None:
    for _ in range(3):
        make_failure(desk)
    assert figures(desk, 2).open["review"] == Count(2, more=True)
    assert (str(Count(1000, more=True)), str(Count(3))) == ("1,000+", "3")


def test_the_cost_does_not_grow_with_what_is_stored(desk) -> None:
    numbers = []
    for _ in range(2):
        for _ in range(5):
            make_failure(desk, remedy=STOCK_DECREMENT)
        with counted(desk) as statements:
            figures(desk)
            queues.listed(desk)
            targets.listed(desk)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]


def test_every_count_walks_an_index(desk) -> None:
    if not desk.store.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics, which a table this small has none of")
    with counted(desk) as statements:
        figures(desk)
    with desk.store.engine.connect() as connection:
        for statement in statements:
            filled = statement.replace("?", "'2026-11-22'").replace("LIMIT '2026-11-22'", "LIMIT 5")
            filled = filled.replace("OFFSET '2026-11-22'", "OFFSET 0")
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {filled}")]
            assert not [step for step in plan if step.startswith("SCAN failures") and "USING" not in step], plan
