"""What every route reaches for."""

from typing import cast

from flask import current_app

from app.desk import Desk


def current_desk() -> Desk:
    """Return the desk that `create_app` wired."""
    return cast(Desk, current_app.extensions["desk"])
