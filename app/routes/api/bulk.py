"""Act on many failures at once."""

from collections.abc import Callable

from app.desk import Desk
from app.domain.permissions import Permission
from app.errors import Forbidden
from app.queries import bulk
from app.queries.bulk import BulkItemsQuery
from app.routes.api.endpoint import Answer, as_response, endpoint
from app.routes.api.schemas.bulk import BulkAnswer, BulkBody, BulkStarted, DryRunAnswer
from app.routes.api.tokens import Principal
from app.routes.context import current_desk
from app.services import bulk_orders, bulk_steering
from app.services.bulk_orders import BulkOrder


@endpoint("/bulk", method="POST", needs=Permission.BULK, body=BulkBody, answers=BulkStarted, status=202,
          also={200: DryRunAnswer})
def start_bulk(principal: Principal, body: BulkBody) -> Answer:
    """Begin a bulk operation over a set that is frozen now; with `dryRun`, only tell what it would do."""
    order = BulkOrder(
        body.action, principal.actor, body.reason.strip(), filter=body.filter, ids=tuple(body.ids or ()),
        assignee=body.assignee, pace=body.ratePerSecond, canary=body.to_canary(),
    )
    if body.dryRun:
        return as_response(DryRunAnswer.of(*bulk_orders.dry_run(current_desk(), order)))
    return started(*bulk_orders.start(current_desk(), order))


@endpoint("/bulk/<bulk_id>", needs=Permission.READ, query=BulkItemsQuery, answers=BulkAnswer)
def show_bulk(principal: Principal, bulk_id: str, query: BulkItemsQuery) -> Answer:
    """Show how far a bulk operation is, and what became of each item."""
    return _shown(bulk_id, query)


@endpoint("/bulk/<bulk_id>/pause", method="POST", needs=Permission.BULK, answers=BulkAnswer)
def pause_bulk(principal: Principal, bulk_id: str) -> Answer:
    """Start no more items."""
    return _steer(bulk_steering.pause, principal, bulk_id)


@endpoint("/bulk/<bulk_id>/resume", method="POST", needs=Permission.BULK, answers=BulkAnswer)
def resume_bulk(principal: Principal, bulk_id: str) -> Answer:
    """Go on."""
    return _steer(bulk_steering.resume, principal, bulk_id)


@endpoint("/bulk/<bulk_id>/cancel", method="POST", needs=Permission.BULK, answers=BulkAnswer)
def cancel_bulk(principal: Principal, bulk_id: str) -> Answer:
    """Skip all that has not been tried."""
    return _steer(bulk_steering.cancel, principal, bulk_id)


def started(bulk_id: str, total: int) -> Answer:
    """Answer that a bulk operation has begun, and where it can be watched."""
    url = f"{current_desk().settings.public_url}/api/v1/bulk/{bulk_id}"
    return as_response(BulkStarted(id=bulk_id, total=total, url=url), 202, Location=url)


def _steer(act: Callable[..., None], principal: Principal, bulk_id: str) -> Answer:
    desk = current_desk()
    _check_replay(desk, principal, bulk_id)
    act(desk, bulk_id, actor=principal.actor)
    return _shown(bulk_id, BulkItemsQuery())


def _check_replay(desk: Desk, principal: Principal, bulk_id: str) -> None:
    with desk.store.read() as session:
        action = bulk.progress(session, bulk_id).action
    if action == "replay" and Permission.QUEUES not in principal.permissions:
        raise Forbidden("Replays are the administrators'.")


def _shown(bulk_id: str, query: BulkItemsQuery) -> Answer:
    with current_desk().store.read() as session:
        return BulkAnswer.of(bulk.progress(session, bulk_id), bulk.items(session, bulk_id, query))
