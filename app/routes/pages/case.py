"""GET /failures/<id>: one failure, what can be done about it, and everything that happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from app.domain.masking import masked
from app.domain.permissions import Permission
from app.domain.status import Action, Status, allowed_actions
from app.errors import Fault, Invalid, NotFound
from app.ids import is_id
from app.queries import failure_detail, remedies, worked
from app.queries.failure_detail import EventRow, FailureDetail
from app.queries.worked import Worked
from app.remedies import Preview
from app.routes.context import current_desk
from app.routes.pages import case_order, fragments, remedy_form, words
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages
from app.routes.pages.correction import Correction, correction, judged, usable, with_remark
from app.routes.people import may
from app.services import review


@dataclass(frozen=True)
class Trouble:
    """Why an act was not done, to be shown on the page that it was asked on; `is_own`: the person was faster."""

    changes: tuple[EventRow, ...] = ()
    faults: tuple[Fault, ...] = ()
    detail: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    is_own: bool = False


@dataclass(frozen=True)
class Foreseen:
    """What a corrected remedy would do, and what was typed for it."""

    typed: Mapping[str, str]
    effect: Preview
    remark: str | None = None

    def given(self, form: Correction) -> "Foreseen":
        """Return it with what the form knows of the stock."""
        return replace(self, effect=judged(self.effect, form.lacking))


@pages.get("/failures/<failure_id>")
@needs(Permission.READ)
def case(failure_id: str) -> str | Response:
    """Show a failure; to whoever polls, only the part that is asked for."""
    if not fragments.is_poll():
        return page(failure_id)
    detail = detail_of(failure_id)
    if request.args.get("part") == "orders":
        search = case_order.found(current_desk(), request.args.get("find", ""))
        return render_template("case/_matches.html", search=search)
    part = "case/_history.html" if request.args.get("part") == "history" else "case/_state.html"
    return fragments.answer(render_template(part, detail=detail))


def page(failure_id: str, trouble: Trouble | None = None, foreseen: Foreseen | None = None) -> str:
    """Render the whole page, with what was typed where an act was refused, or only looked at. Raises NotFound."""
    desk, detail = current_desk(), detail_of(failure_id)
    stored = stored_remedy(failure_id)
    remedy = usable(detail, stored, desk)
    possible = allowed_actions(Status(detail.row.status), has_remedy=remedy is not None)
    actions = possible if may(Permission.REVIEW) else ()
    fixed = remedy if Action.RETRY in actions else None
    typed = trouble.typed if trouble else foreseen.typed if foreseen else _taken_over(fixed)
    # A remedy that the desk proposes was never tried: its effect is shown at once.
    if fixed and (typed or not stored) and not trouble and not foreseen:
        foreseen = foresee(failure_id, fixed, typed)
    form = correction(desk, fixed, typed) if fixed else None
    foreseen = foreseen.given(form) if foreseen and form else foreseen
    effect = preview(failure_id) if stored and fixed else None
    return render_template(
        "case/page.html", detail=detail, actions=actions, trouble=trouble, typed=typed, form=form, foreseen=foreseen,
        remedy=remedy,
        around=case_order.around(desk, detail, _order_meant(detail, form, typed)),
        worked=_worked(detail) if actions else None,
        search=case_order.search(desk, detail, request.args.get("find", "")) if form and form.order_field else None,
        **_words(detail, judged(effect, form.lacking_as_it_is) if effect and form else effect, form),
    )


def _words(detail: FailureDetail, effect: Preview | None, form: Correction | None) -> dict[str, Any]:
    """Say what happened and what to try first, given what another try of the remedy as it is would do."""
    would_fail = (effect is not None and effect.outcome == "would_fail") or (form is not None and form.is_short)
    told = detail.row, detail.remedy
    return {
        "headline": words.headline(*told), "preview": effect,
        "step": words.step(*told, would_fail=would_fail), "suggestion": words.suggestion(*told, would_fail=would_fail),
    }


def foresee(failure_id: str, remedy: Mapping[str, Any], typed: Mapping[str, str]) -> Foreseen:
    """Foresee what a remedy would do with what was typed."""
    try:
        corrected = remedy_form.corrected(remedy, typed) or dict(remedy)
    except Invalid as error:
        return Foreseen(typed, _cannot(error))
    return Foreseen(typed, *with_remark(current_desk(), corrected, preview(failure_id, corrected)))


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
        return remedies.stored(session, known(failure_id))


def remedy_to_correct(failure_id: str) -> dict[str, Any] | None:
    """Return the stored remedy, or the one that the desk proposes. Raises NotFound."""
    return usable(detail_of(failure_id), stored_remedy(failure_id), current_desk())


def preview(failure_id: str, remedy: object = None) -> Preview:
    """Foresee what the remedy would do, or a corrected one, as it may be shown."""
    try:
        return _masked(review.preview(current_desk(), known(failure_id), remedy=remedy))
    except Invalid as error:
        return _cannot(error)


def _cannot(error: Invalid) -> Preview:
    return Preview("would_fail", reason="; ".join(map(words.fault, error.faults)))


def _taken_over(remedy: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the order that a link of the page proposes, as if it had been typed."""
    order_id = request.args.get("orderId")
    name = remedy_form.order_field(remedy) if remedy and order_id else None
    return {name: order_id} if name and order_id else {}


def _order_meant(detail: FailureDetail, form: Correction | None, typed: Mapping[str, str]) -> str | None:
    return (typed.get(form.order_field) if form and form.order_field else None) or detail.row.order_id


def _worked(detail: FailureDetail) -> Worked | None:
    with current_desk().store.read() as session:
        return worked.worked(session, detail.row.group_id)


def _masked(preview: Preview) -> Preview:
    return Preview(preview.outcome, [type(change)(change.what, masked(change.before), masked(change.after))
                                     for change in preview.changes], masked(preview.reason))
