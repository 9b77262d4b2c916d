"""The machine's own sentences, as they are stored in English, in the reader's language."""

import re

from flask_babel import lazy_gettext as _

from app.domain import exact_json
from app.domain.status import Status
from app.routes.pages.words.labels import STATUSES, order_status
from app.routes.pages.words.sentences import SENTENCES
from app.routes.pages.words.services import names, service

_PATTERNS = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in SENTENCES]

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
    (re.compile(r"[A-Z]+ \S+ → (?P<target>\S+)"), _("a call to %(target)s")),
)


def said(text: str | None) -> str:
    """Return a stored sentence in the reader's language; what a person or a service wrote stays as it is."""
    for pattern, sentence in _PATTERNS:
        if found := pattern.fullmatch(text or ""):
            parts = {name: _part(name, part or "") for name, part in found.groupdict().items()}
            return (str(sentence) % parts if parts else str(sentence)).strip()
    return text or ""


def cause(title: str, error_type: str) -> str:
    """Return a group's title: the desk's own sentence in the reader's language, a service's error as it is."""
    sentence = title.removeprefix(f"{error_type}: ")
    is_own = any(pattern.fullmatch(sentence) for pattern, _sentence in _PATTERNS)
    return said(sentence) if is_own else title


def _part(name: str, part: str) -> str:
    match name:
        case "status" | "wanted":
            return order_status(part)
        case "inner":
            return said(part)
        case "target" | "worker":
            return service(part)
        case "services":
            return names(part.split(", "))
        case "state":
            return str(STATUSES[Status(part)].label) if part in [*Status] else part
        case "words":
            return _essence(part)
    return part


def _essence(answer: str) -> str:
    """Return what a service's JSON answer says is wrong, nothing where it does not say; another answer as it is."""
    try:
        held = exact_json.parse(answer)
    except ValueError:
        return answer
    if not isinstance(held, dict | list):
        return answer
    named = [held.get(name) for name in ("error", "detail", "title")] if isinstance(held, dict) else []
    return next((words for words in named if isinstance(words, str) and words), "")


def change(what: str) -> str:
    """Return what a preview would change in the reader's language."""
    for pattern, sentence in _CHANGES:
        if found := pattern.fullmatch(what):
            return str(sentence) % {name: _part(name, part) for name, part in found.groupdict().items()}
    return what


def likeness(why: str) -> str:
    """Return why an order may be the lost one, in the reader's language."""
    return str(_LIKENESS.get(why, why))
