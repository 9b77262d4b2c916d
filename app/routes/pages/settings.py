"""/settings/: accounts, retry schedules and tokens, for administrators."""

from collections.abc import Callable, Mapping

from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.domain.permissions import Permission
from app.domain.retry_policy import DEFAULTS
from app.errors import Invalid, NotFound
from app.queries import settings as queries
from app.routes import identity
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.routes.pages.policy_form import PolicyForm
from app.routes.people import signed_in
from app.services import accounts, passwords, policies


@pages.get("/settings/")
@needs(Permission.SETTINGS)
def settings() -> Response:
    """Show all settings."""
    return page(200)


@pages.post("/settings/accounts")
@needs(Permission.SETTINGS)
def create_account() -> BaseResponse:
    """Create an account."""
    form = request.form
    return _do(_("The account is created."), lambda: accounts.create_for(
        current_desk(), form.get("username", ""), form.get("password", ""), role=form.get("role", ""), actor=actor()))


@pages.post("/settings/accounts/<int:user_id>/switch")
@needs(Permission.SETTINGS)
def switch_account(user_id: int) -> BaseResponse:
    """Switch an account on or off; nobody can lock themselves out."""
    person = signed_in()
    if person is not None and person.id == user_id:
        return page(422, _("Nobody can switch their own account off."))
    return _do(_("Saved."), lambda: accounts.switch(
        current_desk(), user_id, active=request.form.get("active") == "1", actor=actor()))


@pages.post("/settings/accounts/<int:user_id>/password")
@needs(Permission.SETTINGS)
def reset_password(user_id: int) -> BaseResponse:
    """Give somebody another password, and end their sessions."""
    password = request.form.get("password", "")

    def reset() -> None:
        passwords.check_length(password)
        accounts.set_password(current_desk(), user_id, password, actor=actor())

    return _do(_("The password is changed."), reset)


@pages.post("/settings/policies/<remedy_type>")
@needs(Permission.SETTINGS)
def change_policy(remedy_type: str) -> BaseResponse:
    """Change one retry schedule."""
    if remedy_type not in DEFAULTS:
        raise NotFound
    return _do(_("The schedule is changed."), lambda: policies.change(
        current_desk(), remedy_type, PolicyForm.read(request.form).to_policy(), actor=actor()))


def page(
    status: int, fault: str | None = None, *, secret: str | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    """Show all settings; `secret` is a token that was just made, `typed` what was wrong about another."""
    desk = current_desk()
    with desk.store.read() as session:
        shown = queries.all_settings(session)
    return make_response(render_template(
        "settings/page.html", settings=shown, fault=fault, secret=secret, typed=typed, now=desk.clock(),
        grantable=identity.current_permissions() | {Permission.REPORT},
    ), status)


def _do(done: str, act: Callable[[], None]) -> BaseResponse:
    try:
        act()
    except Invalid as error:
        return page(422, error.detail)
    flash(done)
    return redirect("/settings/", 303)
