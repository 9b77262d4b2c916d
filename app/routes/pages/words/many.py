"""What is wrong with the panel for many, in words."""

from collections.abc import Sequence

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _

from app.domain.status import Status
from app.errors import Fault
from app.queries.bulk_course import TRIED_AGAIN
from app.queries.counts import Count
from app.routes.pages.words.labels import BULK_OUTCOMES, BULK_STATUSES, STATUSES, Look

_FAULTS = {  # by the beginning of the JSON pointer
    "/ratePerSecond": _("The speed must be a number above 0."),
    "/canary/steps": _("The first ones must be one to ten whole numbers from 1 on, such as 1, 5."),
    "/canary/stopAbove": _("The stop line must be a number from 0 to 100."),
    "/toQueue": _("There is no such queue."),
    "/assignee": _("A name may be up to 255 characters long."),
    "/reason": _("The reason may be up to 10,000 characters long."),
}
_SENT = Look(_("Sent"), "purple", "send")
_MIXED = ("orange", "alert-triangle")
_BLANK = _("Say why: it is kept in the history of each.")


def bulk_status(action: str, status: str, succeeded: Count, failed: Count, back: Count | None = None) -> Look:
    """Return how an operation's state is shown: done is not done well when items failed or came back."""
    if status != "done":
        return BULK_STATUSES[status]
    if failed.number:
        told = _("%(succeeded)s succeeded, %(failed)s failed", succeeded=_shown(succeeded), failed=_shown(failed))
        return Look(told, *_MIXED)
    if back and back.number:
        return Look(_("Done, but %(number)s came back", number=_shown(back)), *_MIXED)
    return _SENT if action == "replay" else BULK_STATUSES[status]


def bulk_outcome(action: str, outcome: str, status: str | None = None) -> Look:
    """Return how an item's outcome is shown; of what was tried again, `status` tells where its failure is by now."""
    if status and outcome == "succeeded" and action in TRIED_AGAIN:
        return STATUSES[Status(status)]
    return _SENT if (action, outcome) == ("replay", "succeeded") else BULK_OUTCOMES[outcome]


def bulk_faults(faults: Sequence[Fault]) -> list[str]:
    """Return what must be corrected, each thing once."""
    return list(dict.fromkeys(str(_words(fault)) for fault in faults))


def _shown(count: Count) -> str:
    return f"{format_decimal(count.number)}{'+' if count.more else ''}"


def _words(fault: Fault) -> LazyString | str:
    if "'reason' must not be blank" in fault.detail:
        return _BLANK
    return next((words for pointer, words in _FAULTS.items() if fault.pointer.startswith(pointer)), fault.detail)
