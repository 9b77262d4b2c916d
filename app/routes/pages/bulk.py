"""POST /bulk: an act on many, shown before it is done; GET /bulk/<id>: how far it is."""

from datetime import datetime
from typing import Any

from flask import make_response, redirect, render_template, request
from pydantic import ValidationError
from werkzeug.wrappers import Response

from app.clock import rfc3339
from app.domain.permissions import Permission
from app.domain.report import faults_of
from app.errors import Forbidden, Invalid
from app.queries import bulk
from app.queries.bulk import BulkItemsQuery
from app.routes.api import reading
from app.routes.api.schemas.bulk import BulkBody
from app.routes.context import current_desk
from app.routes.pages import case, fragments, lists
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.routes.people import may
from app.services import bulk_orders, bulk_steering
from app.services.bulk_orders import BulkOrder

STEERING = {"pause": bulk_steering.pause, "resume": bulk_steering.resume, "cancel": bulk_steering.cancel}
FILTER = "filter."  # how a list's form names what it was narrowed by


@pages.post("/bulk")
@needs(Permission.BULK)
def act_on_many() -> Response:
    """Show what an act on many would do; confirmed, begin it."""
    sure = request.form.get("sure") == "1"
    try:
        order = _order(looking=not sure)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error
    if sure:
        bulk_id, _total = bulk_orders.start(current_desk(), order)
        return redirect(f"/bulk/{bulk_id}", 303)
    now = current_desk().clock()
    total, effects = bulk_orders.dry_run(current_desk(), order)
    return make_response(
        render_template("bulk/look.html", order=order, total=total, effects=effects, until=_looked_until(order, now))
    )


@pages.get("/bulk/<bulk_id>")
@needs(Permission.READ)
def one_bulk(bulk_id: str) -> str | Response:
    """Show how far an operation is, and what became of each item."""
    query = reading.query(BulkItemsQuery)
    with current_desk().store.read() as session:
        progress = bulk.progress(session, case.known(bulk_id))
        items = bulk.items(session, progress.id, query)
    if fragments.is_poll():
        return fragments.answer(render_template("bulk/_progress.html", progress=progress, items=items.items))
    return render_template(
        "bulk/one.html", progress=progress, items=items.items, following=lists.following(items.next_cursor),
        may_steer=may(_steering_permission(progress.action)),
    )


@pages.post("/bulk/<bulk_id>/<any(pause, resume, cancel):act>")
@needs(Permission.BULK)
def steer_bulk(bulk_id: str, act: str) -> Response:
    """Pause, resume or cancel an operation."""
    with current_desk().store.read() as session:
        action = bulk.progress(session, case.known(bulk_id)).action
    if not may(_steering_permission(action)):
        raise Forbidden("Replays are the administrators'.")
    STEERING[act](current_desk(), case.known(bulk_id), actor=actor())
    return redirect(f"/bulk/{bulk_id}", 303)


def _looked_until(order: BulkOrder, now: datetime) -> str | None:
    """Return up to when failures are meant: one that comes in while a person decides was not looked at."""
    if order.filter is None:
        return None
    return rfc3339(min(order.filter.until or now, now))


def _steering_permission(action: str) -> Permission:
    return Permission.QUEUES if action == "replay" else Permission.BULK


def _order(*, looking: bool) -> BulkOrder:
    form = request.form
    what: dict[str, Any] = {"action": form.get("action"), "reason": form.get("reason", ""), "dryRun": looking}
    if form.get("action") == "assign":
        what["assignee"] = form.get("assignee", "").strip() or actor()
    if form.get("scope") == "filter":
        what["filter"] = {
            name.removeprefix(FILTER): value for name, value in form.items() if name.startswith(FILTER) and value
        }
    else:
        what["ids"] = form.getlist("ids")
    if form.get("careful") == "1":
        what["canary"] = {"steps": [1, 5], "stopAbove": 0.2}
    body = BulkBody.model_validate(what)
    return BulkOrder(
        body.action, actor(), body.reason.strip(), filter=body.filter, ids=tuple(body.ids or ()),
        assignee=body.assignee, canary=body.to_canary(),
    )
