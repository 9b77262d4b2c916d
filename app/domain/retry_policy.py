"""When to try again: one pure decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_RETRY_AFTER = 3600.0
LONGEST_DELAY = 365 * 86_400.0  # whatever an administrator sets: the calendar ends somewhere


@dataclass(frozen=True)
class Policy:
    """A schedule: seconds before the retry scale. `factor` 1 is a fixed series."""

    base: float
    cap: float
    attempts: int
    factor: float = 2.0
    jitter: bool = True


@dataclass(frozen=True)
class RetryAt:
    when: datetime


@dataclass(frozen=True)
class GiveUp:
    attempts: int


EXPONENTIAL = Policy(base=5.0, cap=300.0, attempts=8)
SERIES = Policy(base=60.0, cap=60.0, attempts=10, factor=1.0, jitter=False)

DEFAULTS: dict[str, Policy] = {
    "stock_decrement": EXPONENTIAL,
    "order_status": EXPONENTIAL,
    "http_request": EXPONENTIAL,
    "publish_message": SERIES,
}


def decide(
    policy: Policy,
    attempts_made: int,
    now: datetime,
    *,
    scale: float = 1.0,
    retry_after: float | None = None,
    random: Callable[[], float],
) -> RetryAt | GiveUp:
    """Say when the attempt after `attempts_made` is due, or that there is none.

    Capped exponential backoff with full jitter: a uniform share of `base * factor ** attempts_made`.
    `retry_after` (seconds, the target's own word, never scaled) is a lower bound, capped at an hour.
    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    if attempts_made >= policy.attempts:
        return GiveUp(attempts_made)
    delay = _longest(policy, attempts_made) * (random() if policy.jitter else 1.0) * scale
    if retry_after is not None:
        delay = max(delay, min(retry_after, LONGEST_RETRY_AFTER))
    return RetryAt(now + timedelta(seconds=min(delay, LONGEST_DELAY)))


def _longest(policy: Policy, attempts_made: int) -> float:
    try:
        return min(policy.cap, policy.base * policy.factor**attempts_made)
    except OverflowError:  # beyond what a double holds the cap rules anyway
        return policy.cap
