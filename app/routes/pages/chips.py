"""What a list is narrowed by, as chips that can be taken away one by one."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from flask import request
from flask_babel import format_datetime, format_timedelta

from app.domain.status import Status
from app.queries.filters import FailureFilter
from app.routes.languages import translate as _
from app.routes.pages import words
from app.routes.people import signed_in


class Chip(NamedTuple):
    """One condition in words, and the address of the list without it."""

    text: str
    without: str


def chips(query: FailureFilter) -> list[Chip]:
    """Return what this page's address narrows the list by."""
    narrowed = given()
    told = {name: _words(name, getattr(query, name)) for name in narrowed}
    return [Chip(text, address(request.path, _but(narrowed, name))) for name, text in told.items() if text]


def told(query: FailureFilter, names: Iterable[str]) -> list[str]:
    """Return the conditions of these names in words."""
    texts = (_words(name, getattr(query, name)) for name in names if name in FailureFilter.model_fields)
    return [text for text in texts if text]


def given() -> dict[str, str]:
    """Return what this page's address narrows its list by."""
    return {name: value for name, value in request.args.items() if value and name in FailureFilter.model_fields}


def address(path: str, parameters: Mapping[str, str]) -> str:
    """Return the address of a list that is narrowed by these."""
    return f"{path}?{urlencode(parameters)}" if parameters else path


def span_of(minutes: int) -> str:
    """Write a span of time in words."""
    return str(format_timedelta(timedelta(minutes=minutes), granularity="minute", threshold=2))


def spans(chosen: int | None, *offered: int) -> list[tuple[int, str, bool]]:
    """Return the spans of time that a form offers, in minutes, in words, and whether it is the chosen one."""
    every = sorted({*offered, chosen or offered[0]})
    return [(minutes, span_of(minutes), minutes == chosen) for minutes in every]


def _but(parameters: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in parameters.items() if other != name}


def _words(name: str, value: object) -> str | None:
    if not value:
        return None
    match name:
        case "status":
            return _("State: %(value)s", value=words.STATUSES[Status(str(value))].label)
        case "kind":
            return _("Kind: %(value)s", value=words.KINDS[str(value)])
        case "unassigned":
            return _("Nobody has it")
        case "overdue":
            return _("Overdue")
        case "group":
            return _("Of one cause")
        case "failedIn":
            return _("Failed in an act on many")
        case "backIn":
            return _("Came back after an act on many")
        case "notIn":
            return _("Not in an act on many")
        case "assignee" if (person := signed_in()) and person.username == value:
            return _("Mine")
    return _with_value(name, value)


def _with_value(name: str, value: object) -> str:
    shown = format_datetime(value, "short") if isinstance(value, datetime) else str(value)
    if isinstance(value, int):
        shown = span_of(value)
    texts = {
        "q": _("Search: %(value)s", value=shown), "source": _("Source: %(value)s", value=shown),
        "operation": _("Operation: %(value)s", value=shown), "orderId": _("Order %(value)s", value=shown),
        "assignee": _("With %(value)s", value=shown), "queue": _("Queue: %(value)s", value=shown),
        "since": _("Came in since %(value)s", value=shown), "until": _("Came in before %(value)s", value=shown),
        "dueWithinMinutes": _("Ship within %(value)s", value=shown),
        "olderThanMinutes": _("Older than %(value)s", value=shown),
        "putRightSince": _("Put right since %(value)s", value=shown),
    }
    return texts[name]
