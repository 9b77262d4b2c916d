"""GET /audit: who did what."""

from flask import render_template

from app.domain.permissions import Permission
from app.queries import audit
from app.queries.audit import AuditQuery
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.pages import lists, words
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/audit")
@needs(Permission.AUDIT)
def show_audit() -> str:
    """List acts, newest first."""
    query = reading.query(AuditQuery)
    with current_desk().store.read() as session:
        page = audit.listed(session, query)
    given = query.model_dump(mode="json", exclude_unset=True, exclude={"limit", "cursor"})
    narrowed = [words.act(value) if name == "action" else value for name, value in given.items()]
    return render_template(
        "audit.html", entries=page.items, following=lists.following(page.next_cursor), narrowed=narrowed
    )
