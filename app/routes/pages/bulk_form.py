"""The panel for an act on many: what its form says, and the plan that is shown before anything is done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import make_response, redirect, render_template, request
from pydantic import ValidationError
from werkzeug.wrappers import Response

from app.clock import rfc3339
from app.domain.report import faults_of
from app.domain.text import clean_value
from app.errors import Fault, Invalid
from app.queries import bulk_plan
from app.routes.api.schemas.bulk import BulkBody, ReplayBody
from app.routes.context import current_desk
from app.routes.pages import lists, words
from app.routes.pages.access import actor
from app.services import bulk_orders
from app.services.bulk_orders import BulkOrder

Body = TypeVar("Body", BulkBody, ReplayBody)

FILTER = "filter."  # how a list's form names what it was narrowed by
KEPT = ("action", "scope", "ids")  # what the plan carries on, beside the filter
FIRST = 5  # failures that the plan names

Read = Callable[[bool], BulkOrder]
"""Reads the form; one who only looks need not say yet how and why. Raises Invalid."""


def answer(read: Read) -> Response:
    """Show the plan, or that nothing was chosen; confirmed, begin it and show how it goes. Raises Invalid."""
    if request.form.get("scope") != "filter" and not request.form.getlist("ids"):
        return make_response(render_template("bulk/nothing.html", back=_back(request.form.get(f"{FILTER}group"))), 422)
    if request.form.get("sure") != "1":
        return _plan(read(True))
    try:
        order = read(False)
    except Invalid as error:
        return _plan(read(True), error.faults)
    bulk_id, _total = bulk_orders.start(current_desk(), order)
    return redirect(f"/bulk/{bulk_id}", 303)


def _plan(order: BulkOrder, faults: list[Fault] | None = None) -> Response:
    desk, form = current_desk(), request.form
    total, effects = bulk_orders.dry_run(desk, order)
    is_replay = order.action == "replay"
    with desk.store.read() as session:
        first = lists.lines(session, bulk_plan.first(session, order.conditions(), FIRST))
        goes_to = bulk_plan.destinations(session, order.conditions(), order.to_queue) if is_replay else []
    kept = [
        (name, value) for name in form for value in form.getlist(name)
        if name in KEPT or (name.startswith(FILTER) and name != f"{FILTER}until")
    ]
    page = render_template(
        "bulk/plan.html", order=order, total=total, effects=effects, first=first, goes_to=goes_to, kept=kept,
        until=_looked_until(order, desk.clock()), back=_back(order.filter.group if order.filter else None),
        faults=words.bulk_faults(faults or []), typed=form,
        queues=[name for name, queue in desk.topology.queues.items() if not queue.is_dead_letter_queue],
    )
    return make_response(page, 422 if faults else 200)


def _back(group: str | None) -> str:
    if request.path != "/bulk":  # a queue's
        return request.path.removesuffix("/replay")
    return f"/groups/{group}" if group else "/review"


def act(looking: bool) -> BulkOrder:
    """Read an act on failures."""
    action = request.form.get("action", "")
    assignee = request.form.get("assignee", "").strip() or actor() if action == "assign" else None
    body = _valid(BulkBody, looking, action=action, assignee=assignee)
    return BulkOrder(body.action, actor(), body.reason.strip(), filter=body.filter, ids=tuple(body.ids or ()),
                     assignee=body.assignee, pace=body.ratePerSecond, canary=body.to_canary())


def replay(looking: bool) -> BulkOrder:
    """Read a replay of dead letters, which `services.queues.replay_of` narrows to those of a queue."""
    body = _valid(ReplayBody, looking, toQueue=request.form.get("toQueue") or None)
    return BulkOrder("replay", actor(), body.reason.strip(), filter=body.filter, ids=tuple(body.ids or ()),
                     to_queue=body.toQueue, pace=body.ratePerSecond, canary=body.to_canary())


def _valid(model: type[Body], looking: bool, **more: Any) -> Body:
    typed = clean_value(_chosen() | ({} if looking else _how()) | more)
    try:
        return model.model_validate(typed | {"dryRun": looking})
    except ValidationError as error:
        raise Invalid(faults_of(error)) from error


def _chosen() -> dict[str, Any]:
    form = request.form
    if form.get("scope") != "filter":
        return {"ids": form.getlist("ids")}
    return {"filter": {
        name.removeprefix(FILTER): value for name, value in form.items() if name.startswith(FILTER) and value
    }}


def _how() -> dict[str, Any]:
    form = request.form
    how: dict[str, Any] = {"reason": form.get("reason", "")}
    if form.get("rate", "").strip():
        how["ratePerSecond"] = form["rate"]
    if form.get("careful") == "1":
        steps = form.get("steps", "").replace(",", " ").split()
        how["canary"] = {"steps": steps, "stopAbove": _share(form.get("stopAbove", ""))}
    return how


def _share(percent: str) -> float | str:
    try:
        return float(percent) / 100
    except ValueError:
        return percent


def _looked_until(order: BulkOrder, now: datetime) -> str | None:
    """Return up to when failures are meant: one that comes in while a person decides was not looked at."""
    if order.filter is None:
        return None
    return rfc3339(min(order.filter.until or now, now))
