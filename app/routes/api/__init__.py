"""The API under `/api/v1`, and the five calls that need no token."""

from flask import Flask


def register(app: Flask) -> None:
    """Register the API's routes."""
    from app.routes.api import (  # noqa: F401
        actions,
        audit,
        bulk,
        failures,
        groups,
        intake,
        orders,
        queues,
        stored_tokens,
        targets,
    )
    from app.routes.api.endpoint import blueprint
    from app.routes.api.ops import ops
    from app.routes.api.tokens import Tokens
    from app.routes.context import desk_of

    app.extensions["tokens"] = Tokens(desk_of(app))
    app.register_blueprint(blueprint)
    app.register_blueprint(ops)
    if "csrf" in app.extensions:  # the API takes tokens, and a session only with the CSRF token (`auth`)
        app.extensions["csrf"].exempt(blueprint)
