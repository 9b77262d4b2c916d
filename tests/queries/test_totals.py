"""What came in and was put right, hour by hour: the same before and after the workers have added it up."""

from datetime import timedelta

import pytest

from app.desk import Desk
from app.queries import totals
from app.queries.totals import Span
from app.services import counting, review
from tests.factories import STOCK_DECREMENT, make_failure
from tests.fakes import FakeClock

HOUR = timedelta(hours=1)


def shown(desk: Desk, steps: int, step: timedelta) -> list[tuple[int, int, int]]:
    with desk.store.read() as session:
        return [(span.received, span.by_machine, span.by_hand) for span in spans(session, desk, steps, step)]


def spans(session, desk: Desk, steps: int, step: timedelta) -> list[Span]:
    return totals.trend(session, desk.clock(), steps, step)


def made(desk: Desk, clock: FakeClock) -> None:
    """Let three come in in one hour and two in a later one, of which a person puts one right."""
    for _ in range(3):
        make_failure(desk, status="review", created_at=clock())
    clock.advance(7200)
    review.resolve(desk, make_failure(desk, status="review", created_at=clock()), actor="anna", reason="done")
    make_failure(desk, remedy=STOCK_DECREMENT, created_at=clock())


def test_every_hour_has_its_own_figures(desk: Desk, clock: FakeClock) -> None:
    made(desk, clock)
    expected = [(0, 0, 0), (3, 0, 0), (0, 0, 0), (2, 0, 1)]
    assert shown(desk, 4, HOUR) == expected
    clock.advance(6)
    counting.count(desk)
    assert shown(desk, 4, HOUR) == expected
    assert shown(desk, 2, 2 * HOUR) == [(3, 0, 0), (2, 0, 1)]


def test_a_reopened_failure_that_is_put_right_again_counts_again(desk: Desk, clock: FakeClock) -> None:
    failure = make_failure(desk, status="review", created_at=clock())
    review.resolve(desk, failure, actor="anna", reason="done")
    review.reopen(desk, failure, actor="anna", reason="not yet")
    review.resolve(desk, failure, actor="anna", reason="done")
    assert shown(desk, 1, HOUR) == [(1, 0, 2)]


def test_counting_twice_adds_nothing_and_old_hours_are_forgotten(desk: Desk, clock: FakeClock) -> None:
    made(desk, clock)
    clock.advance(6)
    for _ in range(3):
        counting.count(desk)
    assert shown(desk, 1, HOUR) == [(2, 0, 1)]
    clock.advance(10 * 86400)
    make_failure(desk, status="review", created_at=clock())
    clock.advance(6)
    counting.count(desk)
    assert sum(received for received, _, _ in shown(desk, 24 * 20, HOUR)) == 1


@pytest.mark.parametrize("step", [HOUR, 6 * HOUR])
def test_the_last_step_ends_with_this_hour(desk: Desk, clock: FakeClock, step: timedelta) -> None:
    with desk.store.read() as session:
        last = spans(session, desk, 4, step)[-1]
    assert last.begin <= clock() < last.begin + step
