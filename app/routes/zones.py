"""The zone in which times are told: the browser's own, which a script tells; else what the person chose; else UTC."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from flask import request, session
from flask_babel import get_timezone

COOKIE = "zone"  # set by desk.js
_ABOUT = ("Europe/", "Asia/", "America/", "Africa/", "Australia/", "Pacific/", "Atlantic/", "Indian/")


def current_zone() -> tzinfo:
    """Return the zone of this request."""
    for name in (request.cookies.get(COOKIE), session.get(COOKIE)):
        if is_zone(name):
            return ZoneInfo(str(name))
    return UTC


def is_zone(name: object) -> bool:
    """Tell whether there is a zone of this name."""
    return isinstance(name, str) and name in _zones()


def names() -> list[str]:
    """Return the zones that a person may choose from."""
    return sorted(name for name in _zones() if name.startswith(_ABOUT))


def midnight(now: datetime) -> datetime:
    """Return when the day began, where the reader is."""
    return now.astimezone(get_timezone()).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def mark() -> str:
    """Return what is written behind a time when it is not told in the reader's own zone."""
    return " UTC" if get_timezone() is UTC else ""


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
