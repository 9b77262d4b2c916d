"""Looks at a list that are a click away: those that everybody has, and a person's own."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import flash, make_response, redirect, render_template, request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.errors import Invalid
from app.models.view import SavedView
from app.queries import views as stored
from app.queries.filters import FailureFilter
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import chips
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.routes.people import signed_in
from app.services import views

FILTER = "filter."  # how a form names what a list was narrowed by


class Look(NamedTuple):
    """One look at a list."""

    label: str
    address: str
    chosen: bool


def quick() -> list[Look]:
    """Return what most people look for in the queue; which of them is shown, the address tells."""
    offered: list[tuple[str, dict[str, str]]] = [
        (_("Everybody's"), {}), (_("Mine"), {"assignee": actor()}), (_("Nobody's"), {"unassigned": "true"}),
        (_("Overdue"), {"overdue": "true"}),
    ]
    return [_look(label, "review", narrowed) for label, narrowed in offered]


def own(session: Session) -> list[Look]:
    """Return the views that this person has saved."""
    return [_look(view.name, view.page, view.narrowed) for view in stored.of(session, _person_id())]


@pages.get("/views")
@needs(Permission.READ)
def show_views() -> Response:
    """List a person's views, to rename or remove them."""
    return _page(200)


@pages.post("/views")
@needs(Permission.READ)
def save_view() -> Response:
    """Keep the filters of the list that the form was on."""
    page, name = request.form.get("list", ""), request.form.get("name", "")
    narrowed = {
        field.removeprefix(FILTER): value for field, value in request.form.items() if field.startswith(FILTER)
    }
    try:
        views.save(current_desk(), _person_id(), name, page, narrowed)
    except Invalid as error:
        return _page(422, error, unsaved=request.form)
    flash(_("The view is saved."))
    return redirect(_address(page, narrowed), 303)


@pages.post("/views/<int:view_id>/rename")
@needs(Permission.READ)
def rename_view(view_id: int) -> Response:
    """Give a view another name."""
    try:
        views.rename(current_desk(), _person_id(), view_id, request.form.get("name", ""))
    except Invalid as error:
        return _page(422, error)
    return redirect("/views", 303)


@pages.post("/views/<int:view_id>/delete")
@needs(Permission.READ)
def delete_view(view_id: int) -> Response:
    """Forget a view."""
    views.delete(current_desk(), _person_id(), view_id)
    flash(_("The view is removed."))
    return redirect("/views", 303)


def _page(status: int, error: Invalid | None = None, **values: object) -> Response:
    with current_desk().store.read() as session:
        kept = [(view, _address(view.page, view.narrowed), _told(view)) for view in stored.of(session, _person_id())]
    faults = [_fault(fault.detail) for fault in error.faults] if error else []
    return make_response(render_template("views.html", kept=kept, faults=faults, most=views.MOST, **values), status)


def _told(view: SavedView) -> list[str]:
    try:
        return chips.told(FailureFilter.model_validate(view.narrowed), view.narrowed)
    except ValidationError:  # kept when the filters allowed more: it is shown as it is, so that it can be removed
        return list(view.narrowed.values())


def _look(label: str, page: str, narrowed: dict[str, str]) -> Look:
    address = _address(page, narrowed)
    return Look(label, address, request.path == f"/{page}" and chips.given() == narrowed)


def _address(page: str, narrowed: dict[str, str]) -> str:
    return f"/{page}" + (f"?{urlencode(narrowed)}" if narrowed else "")


def _person_id() -> int:
    person = signed_in()
    assert person is not None, "the route has no `needs`"
    return int(person.id)


def _fault(detail: str) -> str:
    known = {
        views.NAMELESS: _("A view needs a name of 1 to %(number)d characters.", number=views.LONGEST_NAME),
        views.TAKEN: _("Another of your views has this name."),
        views.FULL: _("You have %(number)d views already. Remove one first.", number=views.MOST),
        views.NOTHING: _("There is no filter to keep."),
    }
    return known.get(detail, detail)
