"""GET /trend: what came in and what was put right, hour by hour: numbers, of which the browser draws a picture."""

from datetime import timedelta
from typing import NamedTuple

from flask import render_template, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import totals
from app.queries.totals import Span
from app.routes.context import current_desk
from app.routes.pages import fragments
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages


class Range(NamedTuple):
    """How far back a picture reaches, in how large steps."""

    label: LazyString
    steps: int
    step: timedelta


RANGES = {
    "day": Range(_("24 hours"), 24, timedelta(hours=1)),
    "week": Range(_("7 days"), 28, timedelta(hours=6)),
}


class Trend(NamedTuple):
    """What is shown."""

    name: str
    spans: list[Span]


@pages.get("/trend")
@needs(Permission.READ)
def show_trend() -> Response:
    """Show the numbers alone, to whoever polls for them."""
    with current_desk().store.read() as session:
        return fragments.answer(render_template("overview/_trend.html", trend=wanted(session)))


def wanted(session: Session) -> Trend:
    """Return the range that the address names, a day unless it names another."""
    name = request.args.get("trend", "")
    name = name if name in RANGES else "day"
    chosen = RANGES[name]
    return Trend(name, totals.trend(session, current_desk().clock(), chosen.steps, chosen.step))
