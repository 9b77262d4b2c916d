"""Lanes: one for each target, and none sleeps through work that comes while it ends."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from app.desk import Desk
from app.services import retrying
from app.workers.lanes import Lanes
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.looking import status
from tests.messaging.rig import eventually


@pytest.fixture
def lanes(desk: Desk) -> Iterator[Lanes]:
    make_shop(desk)
    make_stock(desk, leg=100)
    stop = Event()
    lanes = Lanes(desk, "worker", stop)
    yield lanes
    stop.set()
    lanes.close()


def test_work_that_comes_while_a_lane_ends_is_not_left_until_the_next_tick(
    desk: Desk, lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, came = retrying.work, []

    def work_and_see_more_come(*arguments: Any) -> bool:
        found = work(*arguments)
        if not found and not came:
            came.append(make_failure(desk, remedy=STOCK_DECREMENT))
            assert lanes.dispatch()  # the lane has just looked, and is not gone
        return found

    monkeypatch.setattr(retrying, "work", work_and_see_more_come)
    make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": "before"})
    assert lanes.dispatch()
    eventually(lambda: came and status(desk, came[0]) == "resolved")
