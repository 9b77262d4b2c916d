"""The rate holds over all workers, and a canary tries a few first."""

from dataclasses import replace

from app.domain.canary import Canary
from app.services import bulk, bulk_steering
from app.services.bulk_orders import start
from tests.factories import make_shop
from tests.services.bulk.operations import (
    RESOLVE,
    RETRY,
    attempt_all,
    counts,
    make_many,
    progress,
    run_all,
    started,
    stock,
)


def test_the_rate_holds_over_all_workers(desk, clock) -> None:
    make_shop(desk)
    make_many(desk, 30)
    bulk_id, _ = start(desk, replace(RESOLVE, pace=4.0))
    done = []
    for _ in range(12):
        bulk.run_some(desk)
        bulk.run_some(desk)  # another worker at the same moment
        done.append(progress(desk, bulk_id).succeeded)
        clock.advance(0.25)
    assert done == list(range(1, 13))


def test_a_canary_tries_a_few_and_waits_for_them(desk) -> None:
    stock(desk, 1000)
    make_many(desk, 10)
    bulk_id, _ = start(desk, replace(RETRY, canary=Canary((1, 5), 0.2)))
    under_way = []
    for _ in range(3):
        run_all(desk)
        under_way.append(started(desk, bulk_id))
        attempt_all(desk)
    run_all(desk)
    assert under_way == [1, 5, 4]
    assert counts(desk, bulk_id) == ("done", 0, 10, 0, 0)


def test_a_canary_stops_when_too_many_fail_and_a_person_may_go_on(desk) -> None:
    stock(desk, 4)
    make_many(desk, 10)
    bulk_id, _ = start(desk, replace(RETRY, canary=Canary((1, 5), 0.2)))
    for _ in range(4):
        run_all(desk)
        attempt_all(desk)
    assert counts(desk, bulk_id) == ("stopped", 4, 1, 5, 0)
    assert progress(desk, bulk_id).stop_reason == "5 of the first 6 failed."
    bulk_steering.resume(desk, bulk_id, actor="anna")
    for _ in range(2):
        run_all(desk)
        attempt_all(desk)
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 1, 9, 0)


def test_a_bulk_of_retries_keeps_few_under_way(desk, monkeypatch) -> None:
    monkeypatch.setattr(bulk, "ROOM", 4)
    stock(desk, 1000)
    make_many(desk, 10)
    bulk_id, _ = start(desk, RETRY)
    run_all(desk)
    assert started(desk, bulk_id) == 4
