"""The machine's own sentences, as they are stored in English, in the reader's language."""

import re

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.domain.status import Status
from app.routes.pages.words.labels import STATUSES, order_status

# Each pattern is what the machine writes; its named parts go into the translation. Anything else is shown as it is.
_SENTENCES: tuple[tuple[str, LazyString], ...] = (
    (r"It came without a remedy\.", _("It came without a remedy.")),
    (r"The service asked for a person to look at it first\.",
     _("The service asked for a person to look at it first.")),
    (r"Nobody took it from its queue in time\.", _("Nobody took it from its queue in time.")),
    (r"Its consumer could not read it and refused it\.", _("Its consumer could not read it and refused it.")),
    (r"It was delivered as often as its queue allows, without success\.",
     _("It was delivered as often as its queue allows, without success.")),
    (r"Its message came back to the dead-letter queue\.", _("Its message came back to the dead-letter queue.")),
    (r"It came without a readable x-death: nobody knows why it is here\.",
     _("It came without a readable x-death: nobody knows why it is here.")),
    (r"Its message id was used before, with another body\.", _("Its message id was used before, with another body.")),
    (r"It was sent again, but its consumer did not confirm in time: look whether it arrived\.",
     _("It was sent again, but its consumer did not confirm in time: look whether it arrived.")),
    (r"Its worker did not come back before the lease ran out; it may or may not have happened\.",
     _("Its worker did not come back before the lease ran out; it may or may not have happened.")),
    (r"Orders has no order (?P<order>.+)\.", _("Orders has no order %(order)s.")),
    (r"Order (?P<order>.+) is (?P<status>\w+) already; nothing was written\.",
     _("Order %(order)s is “%(status)s” already; nothing was written.")),
    (r"Order (?P<order>.+) is (?P<status>\w+), past (?P<wanted>\w+); nothing was written\.",
     _("Order %(order)s is “%(status)s”, past “%(wanted)s”; nothing was written.")),
    (r"Order (?P<order>.+) is (?P<status>\w+), not yet (?P<wanted>\w+)\.",
     _("Order %(order)s is “%(status)s”, not yet “%(wanted)s”.")),
    (r"Order (?P<order>.+) is (?P<status>\w+)\.", _("Order %(order)s is “%(status)s”.")),
    (r"(?P<target>\S+) is not available: (?P<error>.+)", _("%(target)s is not available: %(error)s")),
    (r"(?P<target>\S+) did not take the write: (?P<error>.+)", _("%(target)s did not take the write: %(error)s")),
    (r"(?P<target>\S+) cannot be read: (?P<error>.+)", _("%(target)s cannot be read: %(error)s")),
    (r"The broker is not available: (?P<error>.+)", _("The message queue is not available: %(error)s")),
    (r"Sent to (?P<queue>\S+); its consumer has not confirmed yet\.",
     _("Sent to %(queue)s; its receiver has not confirmed yet.")),
    (r"All (?P<number>\d+) attempts are used up\. The last one: (?P<inner>.+)",
     _("All %(number)s attempts are used up. The last one: %(inner)s")),
    (r"Component (?P<component>.+) is unknown to the Warehouse\.",
     _("Component %(component)s is unknown to the Warehouse.")),
    (r"Not enough of (?P<component>.+): (?P<needed>\d+) needed, (?P<available>-?\d+) in stock\.",
     _("Not enough of %(component)s: %(needed)s needed, %(available)s in stock.")),
    (r"Applied before, by (?P<worker>[^;]+); nothing was written\.",
     _("Done before, by %(worker)s; nothing was written.")),
    (r"(?P<target>\S+) did not answer: (?P<error>.+)", _("%(target)s did not answer: %(error)s")),
    (r"(?P<failed>\d+) of the first (?P<number>\d+) failed\.", _("%(failed)s of the first %(number)s failed.")),
    (r"Somebody acted on it before its attempt\.", _("Somebody acted on it before its attempt.")),
    (r"It was cancelled before this one was tried\.", _("It was cancelled before this one was tried.")),
    (r"There is no such failure in what was chosen from\.", _("It is not, or no longer, among those chosen from.")),
    (r"A failure that is (?P<state>[a-z]+) does not take this: (?P<act>\w+)\.",
     _("It is “%(state)s” by now, which does not take this.")),
    (r".*this failure has no remedy: give one", _("It has no remedy that could be tried: it needs a person.")),
    (r"Under way\.", _("Under way.")),
    (r"It could not be read: (?P<error>.+)", _("It could not be read: %(error)s")),
)
_PATTERNS = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in _SENTENCES]
_STATUSES = ("status", "wanted")

_LIKENESS = {
    "the same order id": _("the same number"),
    "the same order id, written differently": _("the same number, written differently"),
    "the order ids differ in two places": _("the numbers differ in two places"),
    "the order id lacks one character": _("one character is missing"),
    "the order id has one character too many": _("one character too many"),
    "two neighbouring characters of the order id are swapped": _("two neighbouring characters are swapped"),
    "one character of the order id differs": _("one character differs"),
    "the same client": _("the same customer"),
    "the same amount": _("the same amount"),
    "the same products": _("the same products"),
    "some of the same products": _("some of the same products"),
    "created within the hour": _("made within the hour"),
    "created within a day": _("made within a day"),
}

_CHANGES = (
    (re.compile(r"stock of (?P<component>.+)", re.DOTALL), _("stock of %(component)s")),
    (re.compile(r"status of order (?P<order>.+)", re.DOTALL), _("status of order %(order)s")),
    (re.compile(r"messages on (?P<queue>.+)", re.DOTALL), _("messages on %(queue)s")),
)


def said(text: str | None) -> str:
    """Return a stored sentence in the reader's language; what a person or a service wrote stays as it is."""
    for pattern, sentence in _PATTERNS:
        if found := pattern.fullmatch(text or ""):
            parts = found.groupdict()
            for name in _STATUSES:
                if name in parts:
                    parts[name] = order_status(parts[name])
            if "state" in parts:
                parts["state"] = str(STATUSES[Status(parts["state"])].label)
            if "inner" in parts:
                parts["inner"] = said(parts["inner"])
            return str(sentence) % parts if parts else str(sentence)
    return text or ""


def change(what: str) -> str:
    """Return what a preview would change in the reader's language."""
    for pattern, sentence in _CHANGES:
        if found := pattern.fullmatch(what):
            return str(sentence) % found.groupdict()
    return what


def likeness(why: str) -> str:
    """Return why an order may be the lost one, in the reader's language."""
    return str(_LIKENESS.get(why, why))
