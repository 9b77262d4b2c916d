"""POST /settings/tokens…: make tokens of programs, and revoke them."""

from flask import Response, flash, redirect, request
from pydantic import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from app.domain.permissions import Permission
from app.domain.report import faults_of
from app.errors import Invalid
from app.routes import identity
from app.routes.api.schemas.tokens import TokenForm
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import settings, words
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.services import tokens
from app.services.tokens import Wanted


@pages.post("/settings/tokens")
@needs(Permission.SETTINGS)
def create_token() -> Response:
    """Make a token. The answer shows it: told this once, it must not lie in a session until a next page."""
    try:
        _row, secret = tokens.create(
            current_desk(), _wanted(), actor=actor(), own=identity.current_permissions())
    except Invalid as error:
        return settings.page(422, "; ".join(map(words.fault, error.faults)), typed=request.form)
    return settings.page(201, secret=secret)


@pages.post("/settings/tokens/<int(max=2147483647):token_id>/revoke")
@needs(Permission.SETTINGS)
def revoke_token(token_id: int) -> BaseResponse:
    """End a token for ever."""
    ended = tokens.revoke(current_desk(), token_id, actor=actor())
    flash(_("The token %(name)s is revoked.", name=ended.name))
    return redirect("/settings/#tokens", 303)


def _wanted() -> Wanted:
    form = request.form
    try:
        return TokenForm.model_validate({
            "name": form.get("name", "").strip(), "source": form.get("source", "").strip() or None,
            "scopes": form.getlist("scopes"), "days": form.get("days", ""),
        }).to_wanted()
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error
