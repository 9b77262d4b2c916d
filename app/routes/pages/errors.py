"""The page for an answer that is not the wanted one; made without the database, which may be what is broken."""

from flask import Response, current_app, g
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from app.routes.languages import browser_language

HEADLINES = {
    400: _("That could not be read"),
    403: _("You may not do that"),
    404: _("There is nothing here"),
    405: _("That is not how this page is used"),
    409: _("Somebody was faster"),
    413: _("That is too large"),
    422: _("Something is not filled in right"),
    429: _("Too many tries"),
    500: _("Something went wrong"),
    503: _("The service is unavailable"),
}


def error_page(status: int, title: str, detail: str) -> Response:
    """Answer a person with a whole page that says what is wrong; `title` is used where we have no words of our own."""
    language = g.get("language") or browser_language()
    person = g.get("person")
    # not by render_template: Flask's and Flask-Login's context processors would ask the database for the person
    template = current_app.jinja_env.get_template("errors/page.html")
    with force_locale(language):
        page = template.render(
            language=language, theme=person.theme if person else None,
            status=status, headline=HEADLINES.get(status, title), detail=detail,
        )
    return Response(page, status, mimetype="text/html")
