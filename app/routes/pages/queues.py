"""/queues and /queues/<name>: what waits, what died, and an administrator's acts on it."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from flask_babel import ngettext
from pydantic import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from app.domain.permissions import Permission
from app.domain.report import faults_of
from app.errors import Invalid, Unavailable
from app.queries import queues as queries
from app.routes.api.schemas.bulk import ReplayBody
from app.routes.context import current_desk
from app.routes.pages import fragments
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.services import queues
from app.services.bulk_orders import BulkOrder

MOST_SHOWN = 50


@pages.get("/queues")
@needs(Permission.READ)
def all_queues() -> str | Response:
    """List queues with their depths."""
    rows = queries.listed(current_desk(), queries.LATELY)
    if fragments.is_poll():
        return fragments.answer(render_template("queues/_rows.html", queues=rows))
    return render_template("queues/list.html", queues=rows)


@pages.get("/queues/<name>")
@needs(Permission.READ)
def one_queue(name: str) -> Response:
    """Show a queue's oldest messages; looking changes nothing."""
    return _page(name, 200)


@pages.post("/queues/<name>/replay")
@needs(Permission.QUEUES)
def replay_queue(name: str) -> BaseResponse:
    """Send stored messages of a dead-letter queue again."""
    try:
        order = _order()
        bulk_id, _total = queues.replay(current_desk(), name, order)
    except ValidationError as error:
        return _page(name, 422, Invalid(faults_of(error)))
    except Invalid as error:
        return _page(name, 422, error)
    return redirect(f"/bulk/{bulk_id}", 303)


@pages.post("/queues/<name>/purge")
@needs(Permission.QUEUES)
def purge_queue(name: str) -> BaseResponse:
    """Take a dead-letter queue's messages out of the broker, each only once it is stored."""
    reason = request.form.get("reason", "").strip() or None
    try:
        purged = queues.purge(current_desk(), name, actor=actor(), reason=reason)
    except Invalid as error:
        return _page(name, 422, error)
    flash(ngettext("%(num)d message was stored and taken out.", "%(num)d messages were stored and taken out.", purged))
    return redirect(f"/queues/{name}", 303)


def _order() -> BulkOrder:
    form = request.form
    what: dict[str, Any] = {"reason": form.get("reason", ""), "toQueue": form.get("toQueue") or None}
    what |= {"all": True} if form.get("scope") == "all" else {"ids": form.getlist("ids")}
    if form.get("rate"):
        what["ratePerSecond"] = form["rate"]
    if form.get("careful") == "1":
        what["canary"] = {"steps": [1, 5], "stopAbove": 0.2}
    body = ReplayBody.model_validate(what)
    return BulkOrder("replay", actor(), body.reason.strip(), ids=tuple(body.ids or ()), to_queue=body.toQueue,
                     pace=body.ratePerSecond, canary=body.to_canary())


def _page(name: str, status: int, fault: Invalid | None = None) -> Response:
    desk = current_desk()
    queue = queries.one(desk, name)
    try:
        messages = queries.messages(desk, name, MOST_SHOWN)
    except Unavailable:
        messages = []  # the page says that the broker is away: the queue's depth is not known
    page = render_template(
        "queues/one.html", queue=queue, messages=messages, names=list(desk.topology.queues), fault=fault,
        typed=request.form,
    )
    return make_response(page, status)
