"""What every route reaches for."""

from typing import cast

from flask import Flask, current_app

from app.desk import Desk


def desk_of(app: Flask) -> Desk:
    """Return the desk that `create_app` wired."""
    return cast(Desk, app.extensions["desk"])


def current_desk() -> Desk:
    """Return the desk of this request."""
    return desk_of(current_app)
