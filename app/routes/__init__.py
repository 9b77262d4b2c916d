"""The web side: `api` speaks JSON to programs, `pages` HTML to people. Errors become answers here."""

from flask import Flask


def register(app: Flask) -> None:
    """Register every blueprint and error handler."""
    from app.routes import api, errors, pages

    errors.register(app)
    pages.register(app)
    api.register(app)
