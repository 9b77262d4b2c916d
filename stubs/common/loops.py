"""Threads that do one thing over and over, and outlive its errors."""

import logging
from collections.abc import Callable
from threading import Event

log = logging.getLogger(__name__)

AFTER_AN_ERROR = 1.0  # seconds


def repeat(step: Callable[[], float], stop: Event) -> None:
    """Call `step` until `stop` is set; it returns the seconds to wait before the next time."""
    while not stop.is_set():
        try:
            wait = step()
        except Exception:  # a database that is away for a moment must not end the thread
            log.exception("on again in %.0f s", AFTER_AN_ERROR)
            wait = AFTER_AN_ERROR
        stop.wait(wait)
