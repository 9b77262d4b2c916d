"""GET and POST /login, POST /logout."""

import math

from flask import Response, make_response, redirect, render_template, request, session
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as BaseResponse

from app.errors import TooMany
from app.routes import people
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import again
from app.routes.pages.blueprint import pages
from app.routes.pages.local import local_page
from app.services import signing_in


@pages.get("/login")
def sign_in() -> BaseResponse:
    """Show the form, or go on when somebody is signed in already."""
    if people.signed_in() is not None:
        return redirect(local_page(request.args.get("next")), 303)
    return _form(200)


@pages.post("/login")
def sign_in_now() -> BaseResponse:
    """Sign a person in, under a new session."""
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        user = signing_in.sign_in(current_desk(), username, password, address=request.remote_addr or "")
    except TooMany as error:
        return _refuse(error)
    if user is None:
        return _form(401, _("The user name or the password is wrong."))
    language = session.get("language")
    people.begin(user)
    if language:
        session["language"] = language
    return redirect(local_page(request.form.get("next")), 303)


@pages.post("/logout")
def sign_out() -> BaseResponse:
    """End the session, for every copy of its cookie."""
    people.finish()
    return redirect("/login", 303)


@pages.errorhandler(CSRFError)
def form_expired(_error: CSRFError) -> BaseResponse:
    """Offer what was asked for again: its form no longer belongs to the session."""
    if request.endpoint == "pages.sign_in_now":
        return _form(400, _("This page was open too long. Please sign in once more."))
    return again.offer()


def _refuse(error: TooMany) -> Response:
    seconds = math.ceil(error.retry_after)
    minutes = math.ceil(seconds / 60)
    response = _form(429, ngettext(
        "Too many wrong tries. Try again in %(num)d minute.", "Too many wrong tries. Try again in %(num)d minutes.",
        minutes,
    ))
    response.headers["Retry-After"] = str(seconds)
    return response


def _form(status: int, fault: str | None = None) -> Response:
    page = render_template(
        "login.html", fault=fault, username=request.form.get("username", ""),
        next=local_page(request.values.get("next"), ""),
    )
    return make_response(page, status)
