"""A canary tries a few, waits for them, and stops when too many fail."""

import pytest

from app.domain.canary import Canary, Stage, Tried, may_start, must_stop, stage

CANARY = Canary((1, 5), 0.2)


def test_a_step_starts_whole_and_is_waited_for() -> None:
    assert may_start(CANARY, Tried(0, 0, 0)) == 1
    assert may_start(CANARY, Tried(1, 0, 0)) == 0
    assert may_start(CANARY, Tried(0, 1, 0)) == 5
    assert may_start(CANARY, Tried(2, 2, 0)) == 2
    assert may_start(CANARY, Tried(1, 5, 0)) == 0
    assert may_start(CANARY, Tried(0, 6, 0)) is None
    assert may_start(CANARY, Tried(7, 90, 3)) is None


def test_too_many_failed_at_the_end_of_a_step_stop_it() -> None:
    assert must_stop(CANARY, Tried(0, 0, 1))
    assert must_stop(CANARY, Tried(0, 4, 2))
    assert not must_stop(CANARY, Tried(0, 5, 1))
    assert not must_stop(CANARY, Tried(1, 3, 2))
    assert not must_stop(CANARY, Tried(0, 0, 0))
    assert not must_stop(Canary((1,), 1.0), Tried(0, 0, 1))
    assert must_stop(Canary((2,), 0.0), Tried(0, 1, 1))


@pytest.mark.parametrize(("tried", "told"), [
    (Tried(0, 0, 0), Stage(1, 2, 0, 1)), (Tried(1, 0, 0), Stage(1, 2, 1, 1)), (Tried(0, 1, 0), Stage(2, 2, 0, 5)),
    (Tried(2, 1, 1), Stage(2, 2, 3, 5)), (Tried(1, 4, 1), Stage(2, 2, 5, 5)), (Tried(0, 5, 1), None),
])
def test_it_tells_which_step_is_under_way(tried: Tried, told: Stage | None) -> None:
    assert stage(Canary((1, 5), 0.2), tried) == told
