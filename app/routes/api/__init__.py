"""The api blueprint."""

from flask import Flask


def register(app: Flask) -> None:
    """Register the api routes."""
