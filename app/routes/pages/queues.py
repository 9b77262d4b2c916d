"""/queues and /queues/<name>: what waits, what died, and an administrator's acts on it."""

from flask import Response, flash, make_response, redirect, render_template, request
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.permissions import Permission
from app.domain.status import Status
from app.domain.text import clean
from app.errors import Fault, Invalid, Unavailable
from app.queries import counts, dead_letters
from app.queries import queues as queries
from app.queries.dead_letters import DeadLetterQuery
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import bulk_form, fragments, lists
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.services import queues

MOST_SHOWN = 20  # messages of the broker


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
    if fragments.is_poll():
        return fragments.answer(render_template("queues/_state.html", queue=queries.one(current_desk(), name)))
    return _page(name, 200)


@pages.post("/queues/<name>/replay")
@needs(Permission.QUEUES)
def replay_queue(name: str) -> BaseResponse:
    """Show what sending stored messages of a dead-letter queue again would do; confirmed, begin it."""
    return bulk_form.answer(lambda looking: queues.replay_of(current_desk(), name, bulk_form.replay(looking)))


@pages.post("/queues/<name>/purge")
@needs(Permission.QUEUES)
def purge_queue(name: str) -> BaseResponse:
    """Take a dead-letter queue's messages out of the broker, each only once it is stored."""
    reason = clean(request.form.get("reason", "")).strip() or None
    try:
        if request.form.get("name", "").strip() != name:
            raise Invalid([Fault("/name", name)], _("To empty the queue, write its name: %(name)s", name=name))
        purged = queues.purge(current_desk(), name, actor=actor(), reason=reason)
    except Invalid as error:
        return _page(name, 422, error)
    flash(ngettext("%(num)d message was stored and taken out.", "%(num)d messages were stored and taken out.", purged))
    return redirect(f"/queues/{name}", 303)


def _page(name: str, status: int, fault: Invalid | None = None) -> Response:
    desk, query = current_desk(), reading.query(DeadLetterQuery)
    queue = queries.one(desk, name)
    try:
        waiting = queries.waiting(desk, name, MOST_SHOWN)
    except Unavailable:
        waiting = []  # the page says that the broker is away: the queue's depth is not known
    with desk.store.read() as session:
        stored = dead_letters.stored(session, name, query)
        narrowed = query.model_copy(update={"queue": name, "status": Status.REVIEW})
        replayable = counts.count(session, queries.MOST_COUNTED, *narrowed.conditions())
    page = render_template(
        "queues/one.html", queue=queue, waiting=waiting, stored=stored.items, fault=fault, typed=request.form,
        replayable=replayable, following=lists.following(stored.next_cursor),
        narrowed=narrowed.model_dump(mode="json", exclude_defaults=True, exclude={"limit", "cursor"}),
    )
    return make_response(page, status)
