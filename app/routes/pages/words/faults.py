"""What is wrong with what was typed, at which input, in the reader's language."""

import re

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import Fault
from app.routes.pages.words.fields import label

_FAULTS: tuple[tuple[str, LazyString], ...] = (
    (r"must not be blank", _("must not be blank")),
    (r"should be a valid integer.*|should be a valid number.*", _("must be a whole number")),
    (r"should be greater than 0", _("must be 1 or more")),
    (r"should be less than or equal to .+", _("is too large")),
    (r"String should have at least 1 character", _("must not be empty")),
    (r"String should have at most .+|must be (?:1 to|up to) .+ characters long.*", _("is too long")),
    (r"List should have at least 1 item.*", _("must have at least one line")),
    (r"'to' must come after 'from'.*", _("the status after must come later than the status before")),
    (r"cannot be (?:changed|added).*", _("cannot be changed")),
    (r"is not a registered (?:target|queue)|Its target .+ is not registered here\.",
     _("goes to a place that is not registered here")),
    (r"The body is not JSON.*", _("is not JSON")),
    (r"should be an object", _("must be a JSON object")),
    (r"Field required", _("is missing")),
    (r"must be 1 to 80 letters, digits.*", _("may have 80 letters, digits, dots, dashes and underscores")),
    (r"is the name of a token of the settings", _("is the name of a token of the settings")),
    (r"has \d valid tokens already.*", _("has two valid tokens already: revoke one first")),
    (r"must name at least one", _("choose at least one")),
    (r"you may not do this yourself.*", _("you may not do all of this yourself")),
    (r"is needed for intake:report.*", _("is needed for a token that reports, and only for it")),
    (r"must be 1 to 366", _("must be 1 to 366")),
)
_PATTERNS = [(re.compile(pattern, re.DOTALL), words) for pattern, words in _FAULTS]
_OWN_INPUTS = {"/reason": _("Reason"), "/text": _("Note"), "/assignee": _("User name"),
               "/name": _("Name"), "/scopes": _("It may"), "/source": _("Source"), "/days": _("Valid for so many days")}


def fault(found: Fault) -> str:
    """Say what is wrong, beginning with the input's label where there is one."""
    where = pointed_at(found.pointer)
    return f"{where}: {wrong(found)}" if where else wrong(found)


def wrong(found: Fault) -> str:
    """Say what is wrong, without where; what we have no words for as the machine says it."""
    for pattern, words in _PATTERNS:
        if pattern.fullmatch(found.detail):
            return str(words)
    return found.detail


def pointed_at(pointer: str) -> str:
    """Name the input that a pointer leads to, by its label; nothing for the whole of it."""
    if pointer in _OWN_INPUTS:
        return str(_OWN_INPUTS[pointer])
    parts = pointer.removeprefix("/remedy").split("/")[1:]
    return label(tuple(int(part) if part.isdecimal() else part for part in parts)) if parts else ""
