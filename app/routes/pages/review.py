"""GET /review: what needs a person, the most urgent first."""

from flask import render_template
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
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/review")
@needs(Permission.READ)
def review_queue() -> str | Response:
    """List what needs a person."""
    query = reading.query(FailureQuery).model_copy(update={"status": Status.REVIEW})
    with current_desk().store.read() as session:
        return lists.show("review.html", session, review.queue(session, query), query)


@pages.get("/review/waiting")
@needs(Permission.READ)
def waiting() -> Response:
    """Tell how many failures need a person: the figure beside the page's name, in the tab too."""
    with current_desk().store.read() as session:
        number = count(session, MOST_COUNTED, is_status(Status.REVIEW))
    return fragments.answer(render_template("_waiting.html", waiting=number))
