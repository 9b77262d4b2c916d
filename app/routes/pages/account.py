"""GET and POST /account: a person's own password."""

from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.domain.permissions import Permission
from app.errors import Invalid
from app.routes import zones
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.routes.people import begin
from app.services import passwords, signing_in


@pages.get("/account")
@needs(Permission.READ)
def account() -> Response:
    """Show the form."""
    return _form(200)


@pages.post("/account")
@needs(Permission.READ)
def change_password() -> BaseResponse:
    """Change the password, end every other session, and stay signed in here."""
    new = request.form.get("new", "")
    if new != request.form.get("again"):
        return _form(422, _("The two new passwords are not the same."))
    try:
        user = signing_in.change_password(
            current_desk(), actor(), old=request.form.get("old", ""), new=new,
            address=request.remote_addr or "",
        )
    except Invalid:
        return _form(422, _("A password has at least %(number)d characters.", number=passwords.SHORTEST))
    if user is None:
        return _form(422, _("The present password is wrong."))
    begin(user)
    flash(_("The password is changed. You are signed out everywhere else."))
    return redirect("/account", 303)


def _form(status: int, fault: str | None = None) -> Response:
    return make_response(render_template(
        "account.html", fault=fault, zones=zones.names(), zone_name=str(zones.current_zone()),
    ), status)
