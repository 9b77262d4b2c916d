"""Read orders: what is known of one, and which one a lost order may be."""

from app.domain.permissions import Permission
from app.queries import candidates, failure_detail, order
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.schemas.orders import CandidateItem, CandidateList, OrderAnswer
from app.routes.api.tokens import Principal
from app.routes.context import current_desk


@endpoint("/orders/<path:order_id>", needs=Permission.READ, answers=OrderAnswer)
def show_order(principal: Principal, order_id: str) -> Answer:
    """Show all that is known of an order."""
    return OrderAnswer.of(order.order(current_desk(), order_id))


@endpoint("/failures/<failure_id>/candidates", needs=Permission.READ, answers=CandidateList)
def list_candidates(principal: Principal, failure_id: str) -> Answer:
    """List the orders that this lost one may be, the likeliest first."""
    desk = current_desk()
    with desk.store.read() as session:
        failure = failure_detail.detail(session, failure_id)
    return CandidateList(items=[CandidateItem.of(row) for row in candidates.candidates(desk, failure)])
