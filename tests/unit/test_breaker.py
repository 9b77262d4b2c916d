"""The breaker's pure state: when it opens, how long it waits, when it closes."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.breaker import FROM_FAILURES, OPENS_AFTER, Breaker, BreakerState

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def after_errors(*names: str, start: Breaker | None = None) -> Breaker:
    breaker = start or Breaker()
    for name in names:
        breaker = breaker.was_unavailable(name, NOW, 1.0)
    return breaker


def opened() -> Breaker:
    return after_errors("a", "b", "c", "a", "b")


def test_five_errors_in_a_row_from_three_failures_open_it() -> None:
    assert after_errors("a", "b", "c", "a").state == BreakerState.CLOSED
    assert opened().state == BreakerState.OPEN
    assert (OPENS_AFTER, FROM_FAILURES) == (5, 3)


def test_one_poisonous_failure_alone_never_opens_it() -> None:
    assert after_errors(*["poison"] * 100).state == BreakerState.CLOSED
    assert after_errors(*["poison", "other"] * 100).state == BreakerState.CLOSED


def test_any_answer_in_between_begins_the_count_anew() -> None:
    healed = after_errors("a", "b", "c", "d").succeeded()
    assert healed == Breaker()
    assert after_errors("a", "b", "c", "d", start=healed).state == BreakerState.CLOSED


def test_the_memory_of_a_long_storm_stays_small() -> None:
    assert len(after_errors(*map(str, range(10_000))).streak) == FROM_FAILURES


def test_it_waits_five_seconds_at_first_and_longer_after_a_failed_probe_but_never_ten() -> None:
    breaker, waits = opened(), []
    for _ in range(8):
        assert breaker.open_until is not None
        waits.append((breaker.open_until - NOW).total_seconds())
        breaker = breaker.probe_failed(NOW, 1.0)
    assert waits == [5, 8, 8, 8, 8, 8, 8, 8]


def test_a_thousand_failed_probes_overflow_nothing() -> None:
    breaker = opened()
    for _ in range(1000):
        breaker = breaker.probe_failed(NOW, 1000.0)
    assert breaker.open_until == NOW + timedelta(seconds=8_000)


@pytest.mark.parametrize("scale", [0.02, 1.0, 10.0])
def test_the_scale_multiplies_the_wait(scale: float) -> None:
    breaker = Breaker()
    for name in "abcde":
        breaker = breaker.was_unavailable(name, NOW, scale)
    assert breaker.open_until == NOW + timedelta(seconds=5 * scale)


def test_a_successful_probe_lets_one_piece_of_work_try() -> None:
    half = opened().probe_succeeded()
    assert (half.state, half.open_until) == (BreakerState.HALF_OPEN, None)


def test_a_trial_that_works_closes_it() -> None:
    assert opened().probe_succeeded().succeeded() == Breaker()


def test_a_trial_that_fails_opens_it_again_at_once_for_longer() -> None:
    again = opened().probe_succeeded().was_unavailable("a", NOW, 1.0)
    assert again.state == BreakerState.OPEN
    assert again.open_until == NOW + timedelta(seconds=8)


def test_errors_that_arrive_late_do_not_prolong_an_open_breaker() -> None:
    assert after_errors("x", "y", start=opened()).open_until == opened().open_until
