"""The retry decision as a table: schedule, attempts made, surroundings → seconds until the next, or none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.retry_policy import DEFAULTS, EXPONENTIAL, SERIES, GiveUp, Policy, RetryAt, decide

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

TABLE = [
    # schedule, made, scale, retry_after, random → seconds (None: give up)
    (EXPONENTIAL, 0, 1.0, None, 1.0, 5.0),          # the first: the base itself
    (EXPONENTIAL, 1, 1.0, None, 1.0, 10.0),         # doubled
    (EXPONENTIAL, 2, 1.0, None, 1.0, 20.0),
    (EXPONENTIAL, 6, 1.0, None, 1.0, 300.0),        # 320 s, capped at five minutes
    (EXPONENTIAL, 7, 1.0, None, 1.0, 300.0),
    (EXPONENTIAL, 8, 1.0, None, 1.0, None),         # eight attempts are all
    (EXPONENTIAL, 9, 1.0, None, 1.0, None),         # and it stays so
    (EXPONENTIAL, 3, 1.0, None, 0.0, 0.0),          # full jitter: from nothing …
    (EXPONENTIAL, 3, 1.0, None, 0.5, 20.0),         # … over the half …
    (EXPONENTIAL, 3, 1.0, None, 1.0, 40.0),         # … to all of it
    (EXPONENTIAL, 0, 0.02, None, 1.0, 0.1),         # the scale of tests and demos
    (EXPONENTIAL, 7, 0.02, None, 1.0, 6.0),         # it multiplies the capped delay
    (EXPONENTIAL, 0, 1.0, 30.0, 1.0, 30.0),         # Retry-After is a lower bound …
    (EXPONENTIAL, 5, 1.0, 30.0, 1.0, 160.0),        # … not an upper one
    (EXPONENTIAL, 0, 0.02, 30.0, 1.0, 30.0),        # … and the target's word, so never scaled
    (EXPONENTIAL, 0, 1.0, 1e9, 1.0, 3600.0),        # … but an hour at most
    (EXPONENTIAL, 0, 1.0, 0.0, 1.0, 5.0),
    (EXPONENTIAL, 8, 1.0, 30.0, 1.0, None),         # Retry-After gives no further attempt
    (SERIES, 0, 1.0, None, 0.0, 60.0),              # one minute apart, without jitter
    (SERIES, 9, 1.0, None, 0.3, 60.0),
    (SERIES, 10, 1.0, None, 1.0, None),             # ten times
    (SERIES, 4, 0.02, None, 1.0, 1.2),
    (Policy(5, 300, 0), 0, 1.0, None, 1.0, None),   # an administrator may forbid attempts altogether
    (Policy(5, 300, 9_999), 9_998, 1.0, None, 1.0, 300.0),           # 2 ** 9998 overflows no double here
    (Policy(1, 60, 9_999, factor=1e9), 5_000, 1.0, None, 1.0, 60.0),   # nor does 1e9 ** 64
    (Policy(5, 300, 8, factor=1.0), 7, 1.0, None, 1.0, 5.0),         # factor 1: a fixed series
    (Policy(5, 3, 8), 0, 1.0, None, 1.0, 3.0),      # a cap below the base rules
]


@pytest.mark.parametrize(("policy", "made", "scale", "retry_after", "chance", "seconds"), TABLE)
def test_the_next_attempt_is_due_when_the_table_says(
    policy: Policy, made: int, scale: float, retry_after: float | None, chance: float, seconds: float | None
) -> None:
    decision = decide(policy, made, NOW, scale=scale, retry_after=retry_after, random=lambda: chance)
    if seconds is None:
        assert decision == GiveUp(made)
    else:
        assert isinstance(decision, RetryAt)
        assert (decision.when - NOW).total_seconds() == pytest.approx(seconds)


def test_a_delay_beyond_the_calendar_is_a_year_not_an_error() -> None:
    decision = decide(Policy(1e300, 1e300, 3), 1, NOW, scale=1000.0, random=lambda: 1.0)
    assert isinstance(decision, RetryAt)
    assert decision.when.year == NOW.year + 1


def test_every_kind_of_remedy_has_the_schedule_of_the_contract() -> None:
    assert {kind: (p.base, p.cap, p.attempts) for kind, p in DEFAULTS.items()} == {
        "stock_decrement": (5, 300, 8), "order_status": (5, 300, 8), "http_request": (5, 300, 8),
        "publish_message": (60, 60, 10),
    }


@given(
    base=st.floats(0, 1e12), cap=st.floats(0, 1e12), attempts=st.integers(0, 10**6), factor=st.floats(1, 1e12),
    made=st.integers(0, 10**6), scale=st.floats(1e-6, 1000), chance=st.floats(0, 1),
    retry_after=st.none() | st.floats(0, 1e18),
)
def test_whatever_an_administrator_sets_a_decision_is_made_and_lies_not_in_the_past(
    base: float, cap: float, attempts: int, factor: float, made: int, scale: float, chance: float,
    retry_after: float | None,
) -> None:
    policy = Policy(base, cap, attempts, factor)
    decision = decide(policy, made, NOW, scale=scale, retry_after=retry_after, random=lambda: chance)
    assert isinstance(decision, GiveUp) if made >= attempts else decision.when >= NOW
