"""What surrounds every page: navigation, theme, addresses of static files."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import lazy_gettext as _

from app.clock import rfc3339
from app.domain.comparing import is_amount, items_of
from app.domain.permissions import Permission
from app.routes.languages import LANGUAGES, current_language
from app.routes.pages import raw, words
from app.routes.people import User, signed_in
from app.routes.zones import mark

THEMES = ("light", "dark")

NAVIGATION = (
    ("/", Permission.READ, "home", _("Overview")),
    ("/review", Permission.READ, "inbox", _("Review")),
    ("/failures", Permission.READ, "list-details", _("All failures")),
    ("/groups", Permission.READ, "stack-2", _("Groups")),
    ("/queues", Permission.READ, "mail-bolt", _("Queues")),
    ("/targets", Permission.READ, "server-2", _("Targets")),
    ("/audit", Permission.AUDIT, "history", _("Audit")),
    ("/settings/", Permission.SETTINGS, "settings", _("Settings")),
)


def register(app: Flask) -> None:
    """Give every template the shell, and the few helpers that all of them use."""
    app.jinja_env.globals.update(
        asset=asset, Permission=Permission, words=words, rfc3339=rfc3339, pretty=raw.pretty, body_text=raw.body_text,
        items_of=items_of, is_amount=is_amount,
        zone_mark=mark,
        readable=raw.readable, body_beginning=raw.body_beginning,
    )
    app.context_processor(lambda: context(signed_in(), current_language()))


def context(person: User | None, language: str) -> dict[str, Any]:
    """Return what the layout shows, for this person in this language."""
    chosen = person.theme if person else None
    return {
        "person": person,
        "language": language,
        "languages": LANGUAGES,
        "theme": chosen if chosen in THEMES else None,
        "navigation": [item for item in NAVIGATION if person and person.has_permission(item[1])],
    }


def asset(name: str) -> str:
    """Return the address of a static file, with a mark of its content, so that browsers may keep it for ever."""
    folder = current_app.static_folder
    assert folder is not None
    return url_for("static", filename=name, v=_mark(Path(folder) / name))


@lru_cache
def _mark(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else None
