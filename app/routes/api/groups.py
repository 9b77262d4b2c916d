"""Read groups."""

from app.domain.permissions import Permission
from app.queries import groups
from app.queries.groups import GroupQuery
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.schemas.groups import GroupItem, GroupList
from app.routes.api.tokens import Principal
from app.routes.context import current_desk


@endpoint("/groups", needs=Permission.READ, query=GroupQuery, answers=GroupList)
def list_groups(principal: Principal, query: GroupQuery) -> Answer:
    """List groups of failures with one cause."""
    with current_desk().store.read() as session:
        page = groups.listed(session, query)
    return GroupList(items=[GroupItem.of(row) for row in page.items], nextCursor=page.next_cursor)


@endpoint("/groups/<group_id>", needs=Permission.READ, answers=GroupItem)
def show_group(principal: Principal, group_id: str) -> Answer:
    """Show one group; its failures are `/failures?group=`."""
    with current_desk().store.read() as session:
        return GroupItem.of(groups.one(session, group_id))
