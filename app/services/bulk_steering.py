"""Pause, resume and cancel bulk operations."""

from sqlalchemy import update

from app.desk import Desk
from app.domain.steering import acts
from app.errors import Conflict, NotFound
from app.models.bulk import BulkItem, BulkOperation
from app.services import audit

CANCELLED = "It was cancelled before this one was tried."


def pause(desk: Desk, bulk_id: str, *, actor: str) -> None:
    """Start no more items; those under way end. Raises NotFound, Conflict."""
    _steer(desk, bulk_id, "paused", actor, "pause")


def resume(desk: Desk, bulk_id: str, *, actor: str) -> None:
    """Go on; after a stop by its canary, without one. Raises NotFound, Conflict."""
    _steer(desk, bulk_id, "running", actor, "resume")


def cancel(desk: Desk, bulk_id: str, *, actor: str) -> None:
    """Skip all that has not been tried. Raises NotFound, Conflict."""
    _steer(desk, bulk_id, "cancelled", actor, "cancel")


def _steer(desk: Desk, bulk_id: str, status: str, actor: str, action: str) -> None:
    now = desk.clock()
    with desk.store.write() as session:
        operation = session.get(BulkOperation, bulk_id, with_for_update=True)
        if operation is None:
            raise NotFound(f"There is no bulk operation {bulk_id}.")
        if action not in acts(operation.status):
            raise Conflict(f"It is {operation.status}.", current_status=operation.status)
        if operation.status == "stopped":
            operation.canary = None  # a person has looked: the same figures would stop it again at once
        before, operation.status = operation.status, status
        operation.finished_at = now if status == "cancelled" else None
        operation.next_free_at = now
        if status == "cancelled":
            session.execute(
                update(BulkItem).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == "pending")
                .values(outcome="skipped", detail=CANCELLED, at=now)
            )
        audit.record(
            session, actor=actor, action=f"bulk.{action}", now=now, subject=bulk_id, before={"status": before},
            after={"status": status},
        )
