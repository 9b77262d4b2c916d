"""Waiting for other processes: a condition is polled until a deadline, never slept for."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
POLL_SECONDS = 0.05


def eventually(condition: Callable[[], Value], within: float = 30.0) -> Value:
    """Poll until a condition holds and return what it gave; `within` in seconds.

    Raises:
        AssertionError: the deadline has passed; it names the last value.
    """
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s; the last value was {value!r}")
        time.sleep(POLL_SECONDS)
