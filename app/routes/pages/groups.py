"""GET /groups and /groups/<id>: failures with one cause."""

from flask import render_template
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.errors import NotFound
from app.ids import is_id
from app.queries import failures, groups, worked
from app.queries.filters import FailureQuery
from app.queries.groups import GroupQuery
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.pages import fragments, lists, sparks
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


@pages.get("/groups")
@needs(Permission.READ)
def all_groups() -> str | Response:
    """List causes, the one that struck last first."""
    query = reading.query(GroupQuery)
    with current_desk().store.read() as session:
        page = groups.listed(session, query)
        shown = {"groups": page.items, "sparks": sparks.of_groups(session, page.items)}
    if fragments.is_poll():
        return fragments.answer(render_template("groups/_rows.html", **shown))
    return render_template("groups/list.html", following=lists.following(page.next_cursor), **shown)


@pages.get("/groups/<group_id>")
@needs(Permission.READ)
def one_group(group_id: str) -> str | Response:
    """Show one cause and its failures."""
    if not is_id(group_id):
        raise NotFound
    query = reading.query(FailureQuery).model_copy(update={"group": group_id})
    with current_desk().store.read() as session:
        group, in_review = groups.one(session, group_id), groups.in_review(session, group_id)
        before = worked.worked(session, group_id, may_wait=not group.open or group.open > in_review.number)
        return lists.show("groups/one.html", session, failures.listed(session, query), query, group=group,
                          worked=before, in_review=in_review,
                          picture=sparks.of_groups(session, [group])[group.id])
