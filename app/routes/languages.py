"""Which language a page speaks: the person's choice, else what the browser asks for, else Russian."""

from flask import Flask, g, request, session
from flask_babel import Babel, gettext

from app.routes.people import signed_in
from app.routes.zones import current_zone

LANGUAGES = {"ru": "Русский", "en": "English"}
DEFAULT = "ru"


def register(app: Flask) -> None:
    """Set Flask-Babel up; English is the language of the source."""
    Babel(app, default_locale="en", locale_selector=current_language, timezone_selector=current_zone)


def translate(message: str, **parts: object) -> str:
    """Return a message in the language of this request, with its named parts filled in; imported as `_`."""
    return str(gettext(message, **parts))


def current_language() -> str:
    """Return the language of this request, decided once."""
    if "language" not in g:
        g.language = _chosen() or browser_language()
    return str(g.language)


def browser_language() -> str:
    """Return what the browser asks for, without touching the database."""
    return request.accept_languages.best_match(LANGUAGES, default=DEFAULT) or DEFAULT


def _chosen() -> str | None:
    person = signed_in()
    language = (person.language if person else None) or session.get("language")
    return language if language in LANGUAGES else None
