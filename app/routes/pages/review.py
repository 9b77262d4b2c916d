"""GET /review: what needs a person, the most urgent first."""

from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import review
from app.queries.filters import FailureQuery
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.pages import lists
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/review")
@needs(Permission.READ)
def review_queue() -> str | Response:
    """List what needs a person."""
    query = reading.query(FailureQuery)
    with current_desk().store.read() as session:
        return lists.show("review.html", session, review.queue(session, query), query=query)
