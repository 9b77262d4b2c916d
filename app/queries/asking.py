"""Ask another service briefly: a person waits, and others behind."""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from app.desk import Desk
from app.domain.http_rules import path_fault
from app.domain.masking import masked
from app.outgoing import Deadline, send

SECONDS = 1.0  # for the whole call
SILENCE = 5.0  # seconds for which a service that kept somebody waiting is not asked again
MOST_BYTES = 64 * 1024

Answer = TypeVar("Answer")


class NotAnswered(Exception):
    """The service could not be asked, or its answer cannot be used."""


def ask(desk: Desk, target: str, question: Callable[[], Answer]) -> Answer:
    """Put a question to a target. Raises NotAnswered, at once where it was silent a moment ago."""
    began = monotonic()
    if began < desk.silent_until.get(target, began):
        raise NotAnswered(target)
    try:
        return question()
    except (SQLAlchemyError, requests.RequestException, HTTPError, OSError, ValueError, RecursionError) as error:
        if monotonic() - began >= SECONDS:
            desk.silent_until[target] = monotonic() + SILENCE
        raise NotAnswered(target) from error


def get_json(desk: Desk, target: str, path: str, name: str) -> Any:
    """Return what an HTTP target has under a path that ends in, or holds (`{}`), a name; None for 404.

    Raises:
        NotAnswered: as `ask`.
    """
    place = path.format(quote(name, safe=""))
    if path_fault(place):
        return None  # a name that is no path segment is no name of theirs
    return ask(desk, target, lambda: _get(desk, target, place))


def _get(desk: Desk, target: str, place: str) -> Any:
    session = desk.targets.http(target)
    with Deadline(SECONDS):
        request = session.prepare_request(requests.Request("GET", desk.targets.url(target).rstrip("/") + place))
        with send(session, request, timeout=(SECONDS, SECONDS)) as answer:
            if answer.status_code == 404:
                return None
            if answer.status_code != 200:
                raise ValueError(f"it answered {answer.status_code}")
            return masked(json.loads(answer.raw.read(MOST_BYTES)))
