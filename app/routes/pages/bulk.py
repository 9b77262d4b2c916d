"""POST /bulk: an act on many; GET /bulk and /bulk/<id>: how far each is, and what became of its items."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.domain.status import Status
from app.errors import Conflict, Forbidden
from app.queries import bulk, bulk_course, failures
from app.queries.bulk import BulkItemRow, BulkItemsQuery, BulkProgress
from app.queries.counts import Count
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import bulk_form, case, fragments, lists, words
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.routes.people import may
from app.services import bulk_steering

NEWEST = 50
STEERING = {"pause": bulk_steering.pause, "resume": bulk_steering.resume, "cancel": bulk_steering.cancel}


@dataclass(frozen=True)
class Item:
    """One item of an operation as it is shown: what it is about, what became of it, and how that looks."""

    id: str
    headline: str
    detail: str | None
    look: words.Look


@pages.post("/bulk")
@needs(Permission.BULK)
def act_on_many() -> Response:
    """Show what an act on many would do; confirmed, begin it."""
    return bulk_form.answer(bulk_form.act)


@pages.get("/bulk")
@needs(Permission.READ)
def all_bulk() -> str | Response:
    """List the newest acts on many."""
    with current_desk().store.read() as session:
        rows = bulk.newest(session, NEWEST)
    if fragments.is_poll():
        return fragments.answer(render_template("bulk/_rows.html", operations=rows))
    return render_template("bulk/list.html", operations=rows)


@pages.get("/bulk/<bulk_id>")
@needs(Permission.READ)
def one_bulk(bulk_id: str) -> str | Response:
    """Show how far an operation is, and what became of each item."""
    query, desk = reading.query(BulkItemsQuery), current_desk()
    with desk.store.read() as session:
        progress = bulk.progress(session, case.known(bulk_id))
        items = bulk.items(session, progress.id, query)
        afterwards = bulk_course.afterwards(session, progress)
        values = {
            "progress": progress, "items": _items(session, progress, items.items), "afterwards": afterwards,
            "state": words.bulk_status(progress.action, progress.status, Count(progress.succeeded),
                                       Count(progress.failed), afterwards.back),
            "pace": bulk_course.pace(session, progress, desk.store.now(session)),
            "reasons": bulk_course.reasons(session, progress.id) if progress.failed else [],
            "arrived": bulk_course.arrived(session, progress), "outcome": query.outcome,
            "may_steer": may(_steering_permission(progress.action)),
        }
        if not fragments.is_poll():
            values |= {"wider": bulk_course.since_then(progress), "queue": bulk_course.queue_of(session, progress)}
    if fragments.is_poll():
        return fragments.answer(render_template("bulk/_progress.html", **values))
    return render_template("bulk/one.html", following=lists.following(items.next_cursor), **values)


@pages.post("/bulk/<bulk_id>/<any(pause, resume, cancel):act>")
@needs(Permission.BULK)
def steer_bulk(bulk_id: str, act: str) -> Response:
    """Pause, resume or cancel an operation."""
    with current_desk().store.read() as session:
        action = bulk.progress(session, case.known(bulk_id)).action
    if not may(_steering_permission(action)):
        raise Forbidden("Replays are the administrators'.")
    try:
        STEERING[act](current_desk(), case.known(bulk_id), actor=actor())
    except Conflict as error:
        label = words.BULK_STATUSES[str(error.current_status)].label
        flash(_("Nothing was changed: it is “%(status)s” by now.", status=label), "warning")
    return redirect(f"/bulk/{bulk_id}", 303)


def _items(session: Session, progress: BulkProgress, items: Sequence[BulkItemRow]) -> list[Item]:
    rows = failures.named(session, [item.id for item in items])
    lines = {line.row.id: line for line in lists.lines(session, rows)}
    return [_item(progress.action, item, lines.get(item.id)) for item in items]


def _item(action: str, item: BulkItemRow, line: lists.Line | None) -> Item:
    if line is None:  # removed by now
        return Item(item.id, item.id, item.detail, words.bulk_outcome(action, item.outcome))
    is_back = (item.outcome, line.row.status) == ("succeeded", Status.REVIEW)
    return Item(item.id, line.headline, line.row.reason if is_back else item.detail,
                words.bulk_outcome(action, item.outcome, line.row.status))


def _steering_permission(action: str) -> Permission:
    return Permission.QUEUES if action == "replay" else Permission.BULK
