"""GET /review: what needs a person, the most urgent first."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.domain.status import Status
from app.queries import review
from app.queries.counts import count, is_status
from app.queries.filters import FailureQuery
from app.queries.overview import MOST_COUNTED
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.pages import fragments, lists
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages


@pages.get("/review")
@needs(Permission.READ)
def review_queue() -> str | Response:
    """List what needs a person."""
    query = reading.query(FailureQuery).model_copy(update={"status": Status.REVIEW})
    with current_desk().store.read() as session:
        return lists.show("review.html", session, review.queue(session, query), query, views=_views())


@pages.get("/review/waiting")
@needs(Permission.READ)
def waiting() -> Response:
    """Tell how many failures need a person: the figure beside the page's name, in the tab too."""
    with current_desk().store.read() as session:
        number = count(session, MOST_COUNTED, is_status(Status.REVIEW))
    return fragments.answer(render_template("_waiting.html", waiting=number))


class View(NamedTuple):
    """One look at the queue that is a click away."""

    label: str
    address: str
    chosen: bool


def _views() -> list[View]:
    """Return what most people look for; which of them is shown, the address tells."""
    offered: list[tuple[str, dict[str, str]]] = [
        (_("Everybody's"), {}), (_("Mine"), {"assignee": actor()}), (_("Nobody's"), {"unassigned": "true"}),
        (_("Overdue"), {"overdue": "true"}),
    ]
    given = {name: value for name, value in request.args.items() if value and name != "cursor"}
    return [
        View(label, "/review" + (f"?{urlencode(narrowed)}" if narrowed else ""), narrowed == given)
        for label, narrowed in offered
    ]
