"""The desk: takes failures in, repairs them, and lets people put the rest right."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.desk import Desk

WAIT_FOR_LOCK = 3.0  # seconds; who asks over HTTP is told within five that the store is away


def create_app(desk: "Desk | None" = None) -> "Flask":
    """Wire the web application around a desk; without one, from the environment's settings."""
    from flask import Flask

    from app import config, routes
    from app.desk import open_desk
    from app.verifying import audit_verify

    app = Flask(__name__)
    app.extensions["desk"] = desk or open_desk(config.load(), busy_seconds=WAIT_FOR_LOCK)
    app.cli.add_command(audit_verify)
    routes.register(app)
    return app
