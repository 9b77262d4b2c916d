"""Who asks, and whether they may: before anything else is looked at."""

from typing import cast

from flask import current_app, request
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from app.domain.permissions import Permission
from app.errors import Forbidden, Unauthenticated
from app.routes import identity
from app.routes.api.tokens import Principal, Tokens


def require(permission: Permission) -> Principal:
    """Return who asks.

    Raises:
        Unauthenticated: no token, a wrong one, or a session without its CSRF token.
        Forbidden: who asks may not do this.
    """
    principal = _from_token() if "Authorization" in request.headers else _from_session()
    if permission not in principal.permissions:
        raise Forbidden(f"This needs the permission {permission}.")
    return principal


def _from_token() -> Principal:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    found = _tokens().find(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthenticated
    return found


def _tokens() -> Tokens:
    return cast(Tokens, current_app.extensions["tokens"])


def _from_session() -> Principal:
    name = identity.current_user_name()
    if name is None:
        raise Unauthenticated
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError as error:
        raise Unauthenticated("A session is taken only together with its CSRF token (X-CSRFToken).") from error
    return Principal(name, identity.current_permissions())
