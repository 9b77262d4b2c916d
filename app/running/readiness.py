"""Waiting until every part answers, and saying which one does not."""

import time
from collections.abc import Callable, Sequence
from threading import Event

import requests

from app.running.parts import Part

POLL_SECONDS = 0.2
ANSWER_SECONDS = 2.0


def wait_until_ready(
    parts: Sequence[Part], *, seconds: float, stop: Event, remind: Callable[[list[str]], None], every: float = 20.0
) -> list[str]:
    """Wait until all parts answer; return the names of those that do not after `seconds`, or when `stop` is set.

    `remind` is given the names still awaited every `every` seconds.
    """
    begin = told = time.monotonic()
    awaited = [part for part in parts if part.ready_url]
    with requests.Session() as session:
        session.trust_env = False  # never through a proxy
        while awaited and not stop.is_set() and time.monotonic() < begin + seconds:
            awaited = [part for part in awaited if not _answers(session, part.ready_url or "")]
            if awaited and time.monotonic() > told + every:
                told = time.monotonic()
                remind([part.name for part in awaited])
            if awaited:
                stop.wait(POLL_SECONDS)
    return [part.name for part in awaited]


def _answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(url, timeout=ANSWER_SECONDS).status_code == 200
    except requests.RequestException:
        return False
