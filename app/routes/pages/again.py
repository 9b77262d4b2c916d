"""A form of a session that has ended: its act is offered again with what was typed, under the session of now."""

from flask import Response, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.errors import Malformed
from app.routes import people
from app.routes.languages import translate as _
from app.routes.pages import errors, fragments
from app.routes.pages.access import ask_to_sign_in

UNSEEN = ("csrf_token", "version", "seen", "next")  # what the page had put into the form, not a person


def offer() -> BaseResponse:
    """Offer this request's act again; nothing of it was done, and it needs another click of the person."""
    is_signed_in = people.signed_in() is not None
    if fragments.is_poll():
        return Response(status=400) if is_signed_in else ask_to_sign_in()
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if any("password" in name for name, _value in fields):  # is never written into a page
        return errors.page(Malformed(_("This page was open too long, or you have signed out.")))
    page = render_template(
        "errors/again.html", fields=fields, is_signed_in=is_signed_in,
        typed=[value for name, value in fields if value and name not in UNSEEN],
    )
    return make_response(page, 400)
