"""Who may open a page: said once above it, checked before anything else is looked at."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.permissions import Permission
from app.errors import Forbidden
from app.routes.people import signed_in

Route = Callable[..., Any]


def needs(permission: Permission) -> Callable[[Route], Route]:
    """Let only people with a permission in; others are sent to sign in, or told 403."""

    def guard(route: Route) -> Route:
        @wraps(route)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = signed_in()
            if person is None:
                return ask_to_sign_in()
            if not person.has_permission(permission):
                raise Forbidden("This account may not do that.")
            return route(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test that walks every route
        return guarded

    return guard


def actor() -> str:
    """Return the name under which acts of this request are recorded."""
    person = signed_in()
    assert person is not None, "the route has no `needs`"
    return str(person.username)


def ask_to_sign_in() -> BaseResponse:
    """Send the browser to the sign-in page; a fragment that polls is told 401, so that nothing typed is lost."""
    if "HX-Request" in request.headers:
        return Response(status=401)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("pages.sign_in", next=wanted), 303)
