"""The page for an answer that is not the wanted one; made without the database, which may be what is broken."""

from flask import Response, current_app, g
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from app.errors import AppError
from app.routes.answers import retry_after
from app.routes.languages import browser_language
from app.routes.pages import words

WORDS = {
    400: (_("That could not be read"), _("Go back, reload the page, and try again.")),
    403: (_("You may not do that"), _("Your account has no permission for this page or this act.")),
    404: (_("There is nothing here"), _("What you look for does not exist, or no longer exists.")),
    405: (_("That is not how this page is used"), _("Go back and use the buttons on the page.")),
    409: (_("Somebody was faster"), _("What you saw has changed since. Reload and look again.")),
    413: (_("That is too large"), _("Less text is taken here.")),
    422: (_("Something is not filled in right"), _("Go back and correct it.")),
    429: (_("Too many tries"), _("Wait a little, then try again.")),
    500: (_("Something went wrong"), _("It is our fault, and it is logged. Try again in a moment.")),
    503: (_("The service is unavailable"), _("Nothing is lost. Try again in a moment.")),
}


def page(error: AppError) -> Response:
    """Answer a person with a whole page that says what is wrong, in plain words first."""
    headline, advice = WORDS.get(error.status, (error.title, ""))
    language = g.get("language") or browser_language()
    person = g.get("person")
    # not by render_template: Flask's and Flask-Login's context processors would ask the database for the person
    template = current_app.jinja_env.get_template("errors/page.html")
    with force_locale(language):
        text = template.render(
            language=language, theme=person.theme if person else None,
            status=error.status, headline=headline, advice=advice, detail=words.said(error.detail), told=error.detail,
        )
    return Response(text, error.status, retry_after(error), mimetype="text/html")
