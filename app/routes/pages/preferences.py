"""POST /preferences: a person's language, theme and zone; before signing in, the browser's language."""

from flask import redirect, request, session
from werkzeug.wrappers import Response

from app.routes.context import current_desk
from app.routes.languages import LANGUAGES
from app.routes.pages.blueprint import pages
from app.routes.pages.local import local_page
from app.routes.pages.shell import THEMES
from app.routes.people import signed_in
from app.routes.zones import COOKIE as ZONE
from app.routes.zones import is_zone
from app.services import accounts

CHOICES = {"language": tuple(LANGUAGES), "theme": THEMES}


@pages.post("/preferences")
def preferences() -> Response:
    """Remember what was chosen; anything unknown is "as the browser says"."""
    chosen = {
        name: request.form[name] if request.form[name] in known else None
        for name, known in CHOICES.items()
        if name in request.form
    }
    person = signed_in()
    if person is not None:
        accounts.choose(current_desk(), person.id, **chosen)
    elif "language" in chosen:
        session["language"] = chosen["language"]
    if is_zone(request.form.get(ZONE)):
        session[ZONE] = request.form[ZONE]
    return redirect(local_page(request.form.get("next")), 303)
