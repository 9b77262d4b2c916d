"""The page that a person sees when something is wrong."""

from html import escape

from flask import Response

from app.errors import AppError
from app.routes.answers import retry_after


def page(error: AppError) -> Response:
    """Show an error in plain words; it needs neither the database nor a template."""
    text = f"<!doctype html><title>{error.title}</title><h1>{error.title}</h1><p>{escape(error.detail)}</p>"
    return Response(text, error.status, retry_after(error), mimetype="text/html")
