"""The order of a case: what each service knows of it, which one it may be, what else went wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.desk import Desk
from app.domain.matching import stands_out
from app.domain.remedy import has_come_to
from app.errors import Unavailable
from app.queries import comparison, order, order_search
from app.queries.asking import NotAnswered
from app.queries.candidates import Candidate, candidates
from app.queries.comparison import Comparison
from app.queries.failure_detail import FailureDetail
from app.queries.order_records import records
from app.routes.pages import lists, words
from app.routes.pages.lists import Line


@dataclass(frozen=True)
class Around:
    """What surrounds a case; `silent` names who could not be asked."""

    order_id: str | None
    comparison: Comparison | None
    silent: Sequence[str]
    others: Sequence[Line]


@dataclass(frozen=True)
class Search:
    """Which order it may be: the likely ones, and those that match what was looked for. None: nobody to ask."""

    likely: Sequence[Candidate] | None
    text: str
    matches: Sequence[dict[str, Any]] | None
    wanted: str | None = None  # the status that the order is to get

    @property
    def favourite(self) -> str | None:
        """Return the order that is clearly the likeliest, None where none is, or it needs nothing any more."""
        likely = self.likely or ()
        clear = likely[0] if stands_out([candidate.score for candidate in likely]) else None
        return clear.order_id if clear and not self.is_there(clear.order) else None

    def is_there(self, order: Mapping[str, Any]) -> bool:
        """Tell whether an order has the status already that it is to get."""
        return has_come_to(order.get("status"), self.wanted)


def around(desk: Desk, detail: FailureDetail, order_id: str | None) -> Around:
    """Ask every service for an order, the one that was taken for the right one where one was."""
    with desk.store.read() as session:
        others = lists.lines(session, order.others(session, detail.row))
    if order_id is None:
        return Around(None, None, (), others)
    known = records(desk, order_id)
    return Around(order_id, comparison.compared(known, comparison.told_by(detail)),
                  [words.service(name) for name in comparison.silent(known)], others)


def search(desk: Desk, detail: FailureDetail, text: str) -> Search:
    """Find the orders that a lost one may be, and those that match a text."""
    return replace(found(desk, detail, text), likely=_likely(desk, detail) if words.is_lost(detail.row) else ())


def found(desk: Desk, detail: FailureDetail, text: str) -> Search:
    """Find the orders that match a text."""
    wanted = (detail.remedy or {}).get("to")
    try:
        return Search((), text, order_search.matching(desk, text), wanted)
    except NotAnswered:
        return Search((), text, None, wanted)


def _likely(desk: Desk, detail: FailureDetail) -> Sequence[Candidate] | None:
    try:
        return candidates(desk, detail)
    except Unavailable:
        return None
