"""A lap through the companion queue leaves no trace in what a handler or the desk sees."""

from datetime import UTC, datetime

import pytest

from messaging import newest_death
from messaging.deaths import with_death
from messaging.rabbitmq.laps import deliveries_before, lap, without_laps

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def test_a_copy_that_comes_back_has_the_headers_of_the_original() -> None:
    headers = with_death({"own": 1}, "brief", "expired", AT)
    waited = with_death(lap(headers, "work", 2), "work.retry", "expired", AT)
    assert without_laps({**waited, "x-delivery-count": 1}) == headers


def test_a_copy_carries_nothing_that_rabbitmq_could_take_for_a_circle() -> None:
    copy = lap(with_death({"own": 1}, "work", "expired", AT), "work", 1)
    assert "x-death" not in copy
    assert "x-first-death-queue" not in copy


def test_a_death_after_a_lap_comes_first_and_counts_on() -> None:
    headers = with_death({}, "work", "rejected", AT)
    dead = with_death(with_death(lap(headers, "work", 2), "work.retry", "expired", AT), "work", "rejected", AT)
    read = without_laps(dead)
    assert [(entry["queue"], entry["reason"], entry["count"]) for entry in read["x-death"]] == [("work", "rejected", 2)]
    assert read["x-first-death-queue"] == "work"


def test_a_first_death_after_a_lap_is_the_first() -> None:
    dead = with_death(with_death(lap({}, "work", 2), "work.retry", "expired", AT), "work", "rejected", AT)
    read = without_laps(dead)
    death = newest_death(read)
    assert death
    assert (death.reason, death.queue, death.time, death.count) == ("rejected", "work", AT, 1)
    assert read["x-first-death-reason"] == "rejected"


def test_a_death_of_an_unlimited_count_is_as_the_broker_wrote_it_where_there_was_no_lap() -> None:
    headers = {"x-death": [{"queue": "work.retry", "anything": [1]}], "own": 1}
    assert without_laps({**headers, "x-delivery-count": 5}) == headers


@pytest.mark.parametrize("forged", ["many", -1, True, 2**70, None, [1], 1.5])
def test_a_count_that_nobody_counted_is_none(forged: object) -> None:
    headers = {"x-dlo-lap": {"queue": "work", "deliveries": forged}, "x-delivery-count": forged}
    assert deliveries_before(headers, "work", returns=True) == 0


@pytest.mark.parametrize("forged", ["text", 5, {"earlier": ["x-death"]}, {"earlier": {"x-death": "text"}}])
def test_a_forged_lap_does_no_harm(forged: object) -> None:
    death = {"queue": "work", "reason": "rejected", "count": 1}
    read = without_laps({"x-dlo-lap": forged, "own": 1, "x-death": ["text", {"queue": 1}, death]})
    newest = newest_death(read)
    assert newest
    assert (newest.queue, read["own"]) == ("work", 1)


def test_laps_count_in_their_own_queue_and_returns_where_a_limit_depends_on_them() -> None:
    headers = {**lap({}, "work", 2), "x-delivery-count": 3}
    assert deliveries_before(headers, "work", returns=True) == 5
    assert deliveries_before(headers, "work", returns=False) == 2
    assert deliveries_before(headers, "work.dlq", returns=False) == 0
