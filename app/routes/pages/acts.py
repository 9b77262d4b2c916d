"""POST /failures/<id>/…: each act of a person on one failure, and what is answered when it is refused."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.domain.report import parse_json
from app.errors import Conflict, Fault, Invalid, Malformed
from app.queries import failure_detail
from app.queries.failure_detail import EventRow
from app.routes.context import current_desk
from app.routes.languages import translate as _
from app.routes.pages import case, correction, fragments, remedy_form
from app.routes.pages.access import actor, needs
from app.routes.pages.blueprint import pages
from app.routes.pages.case import Trouble
from app.services import review


@pages.post("/failures/<failure_id>/retry")
@needs(Permission.REVIEW)
def retry(failure_id: str) -> Response:
    """Try again with the remedy as it is."""
    return _act(failure_id, _("An attempt is on its way. Its result appears here."), lambda: review.retry(
        current_desk(), case.known(failure_id), actor=actor(), reason=request.form.get("reason"), version=_version()))


@pages.post("/failures/<failure_id>/correct")
@needs(Permission.REVIEW)
def correct(failure_id: str) -> Response:
    """Try again with what was corrected in the form."""
    return _act(failure_id, _("Corrected. An attempt is on its way; its result appears here."), lambda: review.retry(
        current_desk(), case.known(failure_id), actor=actor(), remedy=_corrected(failure_id),
        reason=request.form.get("reason"), version=_version()))


@pages.post("/failures/<failure_id>/look")
@needs(Permission.REVIEW)
def look(failure_id: str) -> str:
    """Show what the corrected remedy would do; nothing is done."""
    remedy = _to_correct(failure_id)
    typed = correction.chosen(current_desk(), remedy, request.form)
    foreseen = case.foresee(failure_id, remedy, typed)
    if fragments.is_poll():
        form = correction.correction(current_desk(), remedy, typed)
        return render_template("case/_foreseen.html", foreseen=foreseen.given(form), form=form, remedy=remedy)
    return case.page(failure_id, foreseen=foreseen)


@pages.post("/failures/<failure_id>/replace")
@needs(Permission.SETTINGS)
def replace(failure_id: str) -> Response:
    """Try again with a remedy that an administrator wrote as JSON."""
    return _act(failure_id, _("Replaced. An attempt is on its way; its result appears here."), lambda: review.retry(
        current_desk(), case.known(failure_id), actor=actor(), remedy=_written(), reason=request.form.get("reason"),
        version=_version()))


@pages.post("/failures/<failure_id>/assign")
@needs(Permission.REVIEW)
def assign(failure_id: str) -> Response:
    """Take it, give it to somebody, or give it back."""
    assignee = request.form.get("assignee", "").strip() or None
    done = _("%(name)s has it now.", name=assignee) if assignee else _("Nobody has it now.")
    return _act(failure_id, done, lambda: review.assign(
        current_desk(), case.known(failure_id), actor=actor(), assignee=assignee, version=_version()))


@pages.post("/failures/<failure_id>/comment")
@needs(Permission.REVIEW)
def comment(failure_id: str) -> Response:
    """Write a note. A note disturbs nobody, so that it needs no version."""
    return _act(failure_id, _("The note is kept."), lambda: review.comment(
        current_desk(), case.known(failure_id), actor=actor(), text=request.form.get("text", "")))


@pages.post("/failures/<failure_id>/resolve")
@needs(Permission.REVIEW)
def resolve(failure_id: str) -> Response:
    """Close it as put right in another way."""
    return _act(failure_id, _("Resolved. It can be reopened."), lambda: review.resolve(
        current_desk(), case.known(failure_id), actor=actor(), reason=request.form.get("reason", ""),
        version=_version()))


@pages.post("/failures/<failure_id>/discard")
@needs(Permission.REVIEW)
def discard(failure_id: str) -> Response:
    """Close it without doing anything."""
    return _act(failure_id, _("Discarded. It can be reopened."), lambda: review.discard(
        current_desk(), case.known(failure_id), actor=actor(), reason=request.form.get("reason", ""),
        version=_version()))


@pages.post("/failures/<failure_id>/reopen")
@needs(Permission.REVIEW)
def reopen(failure_id: str) -> Response:
    """Bring it back for review."""
    return _act(failure_id, _("Reopened."), lambda: review.reopen(
        current_desk(), case.known(failure_id), actor=actor(), reason=request.form.get("reason", ""),
        version=_version()))


def _act(failure_id: str, done: str, act: Callable[[], None]) -> Response:
    try:
        act()
    except Conflict as error:
        return make_response(case.page(failure_id, _conflict(failure_id, error)), 409)
    except Invalid as error:
        trouble = Trouble(faults=tuple(error.faults), typed=request.form)
        return make_response(case.page(failure_id, trouble), 422)
    flash(done)
    return redirect(url_for("pages.case", failure_id=failure_id), 303)


def _conflict(failure_id: str, error: Conflict) -> Trouble:
    changes = _changes(failure_id)
    is_own = bool(changes) and changes[0].actor == actor()
    return Trouble(changes, detail=error.detail, typed=request.form, is_own=is_own)


def _corrected(failure_id: str) -> object:
    remedy = _to_correct(failure_id)
    return remedy_form.corrected(remedy, request.form) or remedy


def _to_correct(failure_id: str) -> dict[str, Any]:
    remedy = case.remedy_to_correct(failure_id)
    if remedy is None:
        raise Invalid([Fault("/remedy", _("this failure has no remedy that could be corrected"))])
    return remedy


def _written() -> object:
    try:
        return parse_json(request.form.get("remedy", "").encode("utf-8", "surrogatepass"))
    except Malformed as error:
        raise Invalid([Fault("", error.detail)]) from error


def _version() -> int | None:
    version = request.form.get("version", "")
    return int(version) if _is_number(version) else None


def _changes(failure_id: str) -> tuple[EventRow, ...]:
    """Return what happened since the page was made: nothing where it does not say when that was."""
    seen = request.form.get("seen", "")
    with current_desk().store.read() as session:
        events = failure_detail.detail(session, case.known(failure_id)).events
    return events[int(seen):] if _is_number(seen) else ()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
