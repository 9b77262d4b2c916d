"""Read the audit; no call changes it."""

from app.domain.permissions import Permission
from app.queries import audit
from app.queries.audit import AuditQuery
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.schemas.desk import AuditItem, AuditList
from app.routes.api.tokens import Principal
from app.routes.context import current_desk


@endpoint("/audit", needs=Permission.AUDIT, query=AuditQuery, answers=AuditList)
def list_audit(principal: Principal, query: AuditQuery) -> Answer:
    """List who did what, newest first."""
    with current_desk().store.read() as session:
        page = audit.listed(session, query)
    return AuditList(items=[AuditItem.of(row) for row in page.items], nextCursor=page.next_cursor)
