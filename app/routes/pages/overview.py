"""GET /: what needs a person, what the machine does, and where it is stuck."""

from flask import render_template

from app.domain.permissions import Permission
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/")
@needs(Permission.READ)
def overview() -> str:
    """Show the desk at a glance."""
    return render_template("overview.html")
