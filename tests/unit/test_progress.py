"""An order's way, as its page draws it."""

import pytest

from app.domain.progress import STEPS, Place, way_of


def test_what_is_behind_where_it_stands_and_what_is_ahead() -> None:
    way = way_of("paid")
    assert [step.name for step in way] == list(STEPS)
    assert [step.place for step in way] == [Place.DONE, Place.DONE, Place.NOW, Place.AHEAD, Place.AHEAD]


def test_an_approved_order_stands_where_a_placed_one_does() -> None:
    assert way_of("approved") == way_of("placed")


@pytest.mark.parametrize("status", ["cancelled", None, "nonsense"])
def test_an_order_that_goes_nowhere_has_no_way(status: str | None) -> None:
    assert way_of(status) == []
