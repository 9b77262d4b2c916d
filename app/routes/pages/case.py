"""GET /failures/<id>: one failure, what can be done about it, and everything that happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from app.domain.masking import masked
from app.domain.permissions import Permission
from app.domain.status import Action, Status, allowed_actions
from app.errors import Fault, Invalid, NotFound, Unavailable
from app.ids import is_id
from app.models.failure import Failure
from app.queries import failure_detail, worked
from app.queries.candidates import Candidate, candidates
from app.queries.failure_detail import EventRow, FailureDetail
from app.queries.worked import Worked
from app.remedies import Preview
from app.routes.context import current_desk
from app.routes.pages import fragments, remedy_form, words
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages
from app.routes.people import may
from app.services import review


@dataclass(frozen=True)
class Trouble:
    """Why an act was not done, to be shown on the page that it was asked on."""

    changes: tuple[EventRow, ...] = ()
    faults: dict[str, str] = field(default_factory=dict)  # words by JSON pointer
    detail: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreseen:
    """What a corrected remedy would do, and what was typed for it."""

    typed: Mapping[str, str]
    effect: Preview


@pages.get("/failures/<failure_id>")
@needs(Permission.READ)
def case(failure_id: str) -> str | Response:
    """Show a failure; to whoever polls, only its state and its history."""
    if fragments.is_poll():
        part = "case/_history.html" if request.args.get("part") == "history" else "case/_state.html"
        return fragments.answer(render_template(part, detail=detail_of(failure_id)))
    return page(failure_id)


def page(failure_id: str, trouble: Trouble | None = None, foreseen: Foreseen | None = None) -> str:
    """Render the whole page, with what was typed where an act was refused, or only looked at. Raises NotFound."""
    detail = detail_of(failure_id)
    stored = stored_remedy(failure_id)
    possible = allowed_actions(Status(detail.row.status), has_remedy=stored is not None)
    actions = possible if may(Permission.REVIEW) else ()
    typed = trouble.typed if trouble else foreseen.typed if foreseen else {}
    return render_template(
        "case/page.html", detail=detail, actions=actions, trouble=trouble, typed=typed,
        headline=words.headline(detail.row, detail.remedy), suggestion=words.suggestion(detail.row, detail.remedy),
        step=words.step(detail.row, detail.remedy), worked=_worked(detail) if actions else None,
        likely=_likely(detail) if actions else None,
        preview=preview(failure_id) if Action.RETRY in actions else None, looked=foreseen.effect if foreseen else None,
        fields=remedy_form.fields(stored, typed or _taken_over()) if stored else [],
        components=remedy_form.component_rows(stored, typed) if stored else [],
    )


def known(failure_id: str) -> str:
    """Return the id in its usual form. Raises NotFound when it is none."""
    if not is_id(failure_id):
        raise NotFound
    return failure_id.lower()


def detail_of(failure_id: str) -> FailureDetail:
    """Read all that a case shows of a failure. Raises NotFound."""
    with current_desk().store.read() as session:
        return failure_detail.detail(session, known(failure_id))


def stored_remedy(failure_id: str) -> dict[str, Any] | None:
    """Return the remedy with its secrets: to be corrected, never to be shown."""
    with current_desk().store.read() as session:
        return session.get_one(Failure, known(failure_id)).remedy


def preview(failure_id: str, remedy: object = None) -> Preview:
    """Foresee what the remedy would do, or a corrected one, as it may be shown."""
    try:
        return masked_preview(review.preview(current_desk(), known(failure_id), remedy=remedy))
    except Invalid as error:
        return Preview("would_fail", reason=error.detail)


def _taken_over() -> dict[str, str]:
    """Return the order that a link of the page proposes, as if it had been typed."""
    order_id = request.args.get("orderId")
    return {remedy_form.ORDER_FIELD: order_id} if order_id else {}


def _worked(detail: FailureDetail) -> Worked | None:
    with current_desk().store.read() as session:
        return worked.worked(session, detail.row.group_id)


def _likely(detail: FailureDetail) -> list[Candidate] | None:
    """Return the orders that a lost one may be; None when it is not lost, or nobody can be asked."""
    if not words.is_lost(detail.row):
        return None
    try:
        return candidates(current_desk(), detail)
    except Unavailable:
        return None


def masked_preview(preview: Preview) -> Preview:
    """Return a preview as it may be shown."""
    return Preview(preview.outcome, [type(change)(change.what, masked(change.before), masked(change.after))
                                     for change in preview.changes], masked(preview.reason))


def faults_by_pointer(faults: list[Fault]) -> dict[str, str]:
    """Return what is wrong, by where it stands in the remedy (or in the form)."""
    return {fault.pointer.removeprefix("/remedy"): fault.detail for fault in faults}
