"""The form of a case: its fields with what is typed, what can be chosen in them, and how much of it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.desk import Desk
from app.domain.proposing import proposed
from app.domain.shortage import is_short, too_little, what_is_there
from app.queries import catalogue
from app.queries.asking import NotAnswered
from app.queries.catalogue import Catalogue
from app.queries.failure_detail import FailureDetail
from app.remedies import Preview
from app.routes.pages import remedy_form, remedy_rows, words
from app.routes.pages.remedy_fields import Field, at
from app.routes.pages.remedy_rows import Row

OFFER = "offer:"  # begins the name of a button that puts its value into the input named after it
_PRODUCT = ("body", "productId")


@dataclass(frozen=True)
class Correction:
    """What the form shows; `silent` names who could not be asked for choices or stock."""

    fields: Sequence[Field]
    rows: Sequence[Row]
    of_components: bool
    choices: Sequence[str]
    stock: Mapping[str, int | None]
    silent: Sequence[str]
    order_field: str | None
    unreadable: str | None  # what stood where the lines should be

    @property
    def is_short(self) -> bool:
        """Tell whether the stock is known not to suffice for what is typed."""
        return is_short(self._wanted, self.stock)

    @property
    def lacking(self) -> str | None:
        """Say what the stock has too little of for what is typed, in the machine's words; None where it suffices."""
        return None if self.of_components else too_little(self._wanted, self.stock)

    @property
    def lacking_as_it_is(self) -> str | None:
        """Say what the stock has too little of for what is stored; None where it suffices."""
        return None if self.of_components else too_little([row.stored for row in self.rows], self.stock)

    @property
    def is_partly_there(self) -> bool:
        """Tell whether at least something of what is typed is in stock."""
        return any(what_is_there(self._wanted, self.stock))

    @property
    def _wanted(self) -> list[tuple[str, int]]:
        return [row.wanted for row in self.rows if row.thing.value.strip()]

    @property
    def changed(self) -> list[Field]:
        """Return the inputs that say something else than what is stored."""
        inputs = [*self.fields, *(field for row in self.rows for field in (row.thing, row.quantity))]
        return [field for field in inputs if field.value != field.old]


def usable(detail: FailureDetail, stored: dict[str, Any] | None, desk: Desk) -> dict[str, Any] | None:
    """Return the stored remedy, or the one that the desk itself can propose."""
    if stored is not None:
        return stored
    proposal = proposed(detail.row.operation, detail.sent.fields.get("payload"))
    return proposal if proposal and proposal["target"] in desk.targets else None


def correction(desk: Desk, remedy: Mapping[str, Any], typed: Mapping[str, str]) -> Correction:
    """Lay the form out for a remedy, with what was typed."""
    shown = remedy_form.editable(remedy)
    rows, lines = remedy_rows.rows(shown, typed or None), remedy_rows.lines_of(shown)
    named = list(dict.fromkeys(name for row in rows for name in (row.wanted[0], row.stored[0]) if name))
    known = _catalogue(desk, shown, lines, named)
    return Correction(
        remedy_form.fields(remedy, typed or None), rows, bool(lines and lines.are_components), known.choices,
        known.stock, [words.service(name) for name in known.silent], remedy_form.order_field(remedy),
        remedy_form.unreadable_items(remedy),
    )


def chosen(desk: Desk, remedy: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, with what a button of the form chose put into its inputs."""
    typed = dict(form.items())
    typed |= {name.removeprefix(OFFER): value for name, value in form.items() if name.startswith(OFFER)}
    match form.get("choose"):
        case "all":
            typed |= remedy_rows.in_full(remedy_form.editable(remedy))
        case "there":
            laid_out = correction(desk, remedy, remedy_rows.in_full(remedy_form.editable(remedy)))
            typed |= remedy_rows.limited(laid_out.rows, laid_out.stock)
    return typed


def with_remark(desk: Desk, remedy: Mapping[str, Any], effect: Preview) -> tuple[Preview, str | None]:
    """Add what else a person must know: an order that is paid already, a product that is unknown or lacks parts."""
    stands_so = effect.outcome == "already_applied" and (effect.reason or "").startswith("Order ")
    if stands_so and remedy.get("to") == "paid":
        return effect, words.is_there("paid", "paid")
    product = at(remedy, _PRODUCT)
    if not isinstance(product, str) or catalogue.PRODUCTS_SERVICE not in desk.targets:
        return effect, None
    try:
        parts = catalogue.parts_of(desk, product)
    except NotAnswered:
        return effect, words.could_not_ask([words.service(catalogue.PRODUCTS_SERVICE)])
    if parts is None:
        return Preview("would_fail", reason=words.parts(product, parts)), None
    return _with_stock(desk, remedy, parts, effect), words.parts(product, parts)


def _with_stock(desk: Desk, remedy: Mapping[str, Any], parts: Mapping[str, int], effect: Preview) -> Preview:
    number = at(remedy, ("body", "quantity"))
    number = number if isinstance(number, int) else 1
    needed = {name: quantity * number for name, quantity in parts.items()}
    try:
        there = catalogue.lacking(desk, at(remedy, ("body", "operationId")), needed)
    except NotAnswered:
        return effect
    return Preview("would_fail", reason=words.lacking(needed, there)) if there else effect


def judged(effect: Preview, lacking: str | None) -> Preview:
    """Foresee a refusal where goods are lacking: of a message's effect only its sending is known otherwise."""
    return Preview("would_fail", reason=lacking) if lacking and effect.outcome == "would_apply" else effect


def _catalogue(desk: Desk, shown: Mapping[str, Any], lines: remedy_rows.Lines | None, named: list[str]) -> Catalogue:
    if lines and lines.are_components:
        return catalogue.components(desk, named)
    if lines or at(shown, _PRODUCT) is not None:
        return catalogue.products(desk, named)
    return Catalogue()
