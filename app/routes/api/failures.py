"""Read failures."""

from app.domain.permissions import Permission
from app.queries import failure_detail, failures
from app.queries.filters import FailureQuery
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.schemas.failures import FailureAnswer, FailureItem, FailureList, failure_answer
from app.routes.api.tokens import Principal
from app.routes.context import current_desk


@endpoint("/failures", needs=Permission.READ, query=FailureQuery, answers=FailureList)
def list_failures(principal: Principal, query: FailureQuery) -> Answer:
    """List failures, newest first."""
    with current_desk().store.read() as session:
        page = failures.listed(session, query)
    return FailureList(items=[FailureItem.of(row) for row in page.items], nextCursor=page.next_cursor)


@endpoint("/failures/<failure_id>", needs=Permission.READ, answers=FailureAnswer)
def show_failure(principal: Principal, failure_id: str) -> Answer:
    """Show all of a failure."""
    return shown(failure_id)


def shown(failure_id: str) -> Answer:
    """Return a failure as every call that acts on it answers. Raises NotFound."""
    with current_desk().store.read() as session:
        return failure_answer(failure_detail.detail(session, failure_id))
