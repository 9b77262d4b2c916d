"""GET and POST /tour: the tour of the demo on the overview, where it runs and until a person has seen enough."""

from flask import redirect, render_template, request, session
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import tour
from app.queries.tour import Stop
from app.routes.context import current_desk
from app.routes.pages import fragments
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages

LEFT = "tour_left"  # in a person's session


@pages.get("/tour")
@needs(Permission.READ)
def show_tour() -> Response:
    """Show the cases to whoever polls for them; to others, on the overview."""
    offered = stops()
    if offered is not None and fragments.is_poll():
        return fragments.answer(render_template("overview/_tour.html", stops=offered))
    return redirect("/", 303)


@pages.post("/tour")
@needs(Permission.READ)
def leave_tour() -> Response:
    """Leave the tour, or take it up again."""
    session[LEFT] = request.form.get("shown") != "1"
    return redirect("/", 303)


def stops() -> list[Stop] | None:
    """Return the stops; none where it was left; None where there is no demo."""
    if not current_desk().settings.tour:
        return None
    if session.get(LEFT):
        return []
    with current_desk().store.read() as reading:
        return tour.stops(reading, actor())
