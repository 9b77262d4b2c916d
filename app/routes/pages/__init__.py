"""The pages blueprint."""

from flask import Flask


def register(app: Flask) -> None:
    """Register the pages routes."""
