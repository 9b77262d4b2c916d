"""GET /failures: every failure, with every filter of the API in the address."""

from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import failures
from app.queries.filters import FailureQuery
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.pages import lists
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/failures")
@needs(Permission.READ)
def all_failures() -> str | Response:
    """List failures, newest first."""
    query = reading.query(FailureQuery)
    with current_desk().store.read() as session:
        return lists.show("failures/list.html", session, failures.listed(session, query), query)
