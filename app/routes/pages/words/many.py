"""What is wrong with the panel for many, in words."""

from collections.abc import Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import Fault
from app.routes.pages.words.labels import BULK_OUTCOMES, Look

_FAULTS = {  # by the beginning of the JSON pointer
    "/ratePerSecond": _("The speed must be a number above 0."),
    "/canary/steps": _("The first ones must be one to ten whole numbers from 1 on, such as 1, 5."),
    "/canary/stopAbove": _("The stop line must be a number from 0 to 100."),
    "/toQueue": _("There is no such queue."),
    "/assignee": _("A name may be up to 255 characters long."),
    "/reason": _("The reason may be up to 10,000 characters long."),
}
_SENT = Look(_("Sent"), "purple", "send")
_BLANK = _("Say why: it is kept in the history of each.")


def bulk_outcome(action: str, outcome: str) -> Look:
    """Return how an item's outcome is shown: a message that was sent again is not put right yet."""
    return _SENT if (action, outcome) == ("replay", "succeeded") else BULK_OUTCOMES[outcome]


def bulk_faults(faults: Sequence[Fault]) -> list[str]:
    """Return what must be corrected, each thing once."""
    return list(dict.fromkeys(str(_words(fault)) for fault in faults))


def _words(fault: Fault) -> LazyString | str:
    if "'reason' must not be blank" in fault.detail:
        return _BLANK
    return next((words for pointer, words in _FAULTS.items() if fault.pointer.startswith(pointer)), fault.detail)
