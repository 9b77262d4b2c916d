"""How failures were put right before, counted, in words, and what that proposes."""

from datetime import timedelta

from flask_babel import format_timedelta, ngettext

from app.queries import worked
from app.routes.languages import translate as _


def ways(way: str, number: int) -> str:
    """Say how many were put right in one way."""
    match way:
        case worked.BY_WAITING:
            return str(ngettext("%(num)s by trying again by itself", "%(num)s by trying again by themselves", number))
        case worked.BY_RETRY:
            return str(ngettext("%(num)s by a retry that a person asked for",
                                "%(num)s by retries that a person asked for", number))
        case worked.BY_CORRECTION:
            return str(ngettext("%(num)s by a correction", "%(num)s by corrections", number))
    return str(ngettext("%(num)s by hand", "%(num)s by hand", number))


def proposal(way: str) -> str:
    """Say what to do, where nearly all were put right in one way."""
    match way:
        case worked.BY_WAITING:
            return _("Wait a little: nearly all of these put themselves right.")
        case worked.BY_RETRY:
            return _("Try again: that has put nearly all of these right.")
        case worked.BY_CORRECTION:
            return _("Correct the data and try again: that has put nearly all of these right.")
    return _("Put it right by hand: that is how nearly all of these ended.")


def usually(after: timedelta) -> str:
    """Say after how long it was usually put right."""
    if after < timedelta(seconds=1):
        return _("usually at once")
    # with its direction, because Russian gives the unit another ending there
    return _("usually %(in_time)s", in_time=format_timedelta(after, granularity="second", add_direction=True))
