"""GET /: what needs a person, what the machine does, and where it is stuck."""

from flask import render_template
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import groups, overview, queues, review, targets, today, workers
from app.routes.context import current_desk
from app.routes.pages import fragments, sparks, tour, trend
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages
from app.routes.zones import midnight

LARGEST = 5


@pages.get("/")
@needs(Permission.READ)
def show_overview() -> str | Response:
    """Show the desk at a glance; each figure links to its list."""
    desk = current_desk()
    with desk.store.read() as session:
        values = {
            "counts": overview.overview(session, desk),
            "today": today.resolved(session, midnight(desk.clock())),
            "next_ship_by": review.next_ship_by(session),
            "groups": (largest := groups.largest(session, LARGEST)),
            "sparks": sparks.of_groups(session, largest),
            "workers": workers.alive(session, desk.store.now(session)),
        }
    values["blocked"] = [target for target in targets.listed(desk) if target.is_blocked]
    values["dead"] = [queue for queue in queues.listed(desk, queues.LATELY) if queue.is_dead_letter_queue]
    if fragments.is_poll():
        return fragments.answer(render_template("overview/_figures.html", **values))
    with desk.store.read() as session:
        shown = trend.wanted(session)
    return render_template("overview/page.html", trend=shown, ranges=trend.RANGES, stops=tour.stops(), **values)
