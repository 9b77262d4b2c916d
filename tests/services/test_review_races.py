"""Many hands on one failure at the same moment: one winner, clear conflicts for the others, one effect."""

from collections.abc import Callable
from typing import Any

import pytest

from app.desk import Desk
from app.errors import Conflict
from app.services import review
from app.services.retrying import work
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.looking import assert_consistent, events_of, failure, outcomes, stock
from tests.services.test_intake_races import AT_ONCE, at_once

CORRECTED = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 4}, {"componentId": "top",
"quantity": 1}]}


@pytest.fixture(autouse=True)
def shop(desk: Desk):
    make_shop(desk)
    make_stock(desk, leg=100, top=100)
    yield
    assert_consistent(desk)


def tried(act: Callable[..., None], *arguments: Any, **options: Any) -> str:
    try:
        act(*arguments, **options)
    except Conflict as error:
        assert error.current_status
        return "conflict"
    return "done"


@pytest.mark.parametrize("state", ["review", "scheduled"])
def test_sixteen_clicks_on_one_form_have_one_winner(desk: Desk, state: str) -> None:
    due = None if state == "review" else desk.clock()
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, status=state, next_attempt_at=due)

    def click(number: int) -> str:
        seen: dict[str, Any] = {"actor": f"person-{number}", "version": 1}
        match number % 4:
            case 0:
                return tried(review.retry, desk, failure_id, **seen)
            case 1:
                return tried(review.retry, desk, failure_id, remedy=CORRECTED, **seen)
            case 2:
                return tried(review.resolve, desk, failure_id, reason="by hand", **seen)
        return tried(review.discard, desk, failure_id, reason="a test", **seen)

    assert sorted(at_once(click)) == ["conflict"] * (AT_ONCE - 1) + ["done"]
    assert failure(desk, failure_id).version == 2
    assert len(events_of(desk, failure_id)) == 2


def test_clicks_and_workers_at_once_make_one_effect(desk: Desk) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)

    def hand(number: int) -> object:
        if number % 2:
            return work(desk, "warehouse-db", f"worker-{number}")
        return tried(review.retry, desk, failure_id, actor=f"person-{number}")

    at_once(hand)
    while work(desk, "warehouse-db", "the last"):
        pass
    assert stock(desk) == 96
    assert outcomes(desk, failure_id).count("applied") == 1
    assert failure(desk, failure_id).status == "resolved"


def test_eight_workers_at_once_do_fifty_pieces_of_work_once_each(desk: Desk) -> None:
    for number in range(50):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": str(number),
                                                     "components": [{"componentId": "leg", "quantity": 1}]})

    def drain(number: int) -> None:
        while work(desk, "warehouse-db", f"worker-{number}"):
            pass

    at_once(drain, range(8))
    assert stock(desk) == 50
