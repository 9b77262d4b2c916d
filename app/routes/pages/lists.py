"""What the two lists of failures share: a row's words, links to the next part, the part that refreshes itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.domain.permissions import Permission
from app.queries import failures, groups, remedies
from app.queries.cursors import Page
from app.queries.failures import FailureRow
from app.queries.filters import FailureFilter, FailureQuery
from app.routes.context import current_desk
from app.routes.pages import chips, fragments, views, words
from app.routes.people import may

AGES = (15, 60, 240, 1440, 4320, 10080)  # minutes
DEADLINES = (30, 60, 120, 240, 480, 1440)


@dataclass(frozen=True)
class Line:
    """A failure of a list, in plain words."""

    row: FailureRow
    headline: str
    suggestion: str
    is_open: bool
    is_late: bool  # its time to ship by has passed


def lines(session: Session, rows: Sequence[FailureRow]) -> list[Line]:
    """Put each failure into words."""
    found = remedies.of(session, [row.id for row in rows])
    now = current_desk().clock()
    return [
        Line(row, words.headline(row, found.get(row.id)), words.suggestion(row, found.get(row.id)),
             row.is_open, row.is_late(now)) for row in rows
    ]


def show(
    template: str, session: Session, page: Page[FailureRow], query: FailureQuery, **values: Any
) -> str | Response:
    """Show a whole page, or only its rows to whoever polls for them."""
    narrowed = query.model_dump(mode="json", exclude_defaults=True, include=set(FailureFilter.model_fields))
    values |= {
        "lines": lines(session, page.items), "may_select": may(Permission.BULK), "narrowed": narrowed,
        "matching": failures.matching(session, query, page),
    }
    if fragments.is_poll():
        return fragments.answer(render_template("failures/_refreshed.html", **values))
    values |= {
        "chips": chips.chips(query), "quick": views.quick(),
        "own": views.own(session), "known": groups.known(session), "given": chips.given(),
        "ages": chips.spans(query.olderThanMinutes, *AGES),
        "deadlines": chips.spans(query.dueWithinMinutes, *DEADLINES),
    }
    return render_template(template, following=following(page.next_cursor), **values)


def following(cursor: str | None) -> str | None:
    """Return the address of the part of the list after this one."""
    return f"{request.path}?{urlencode({**request.args, 'cursor': cursor})}" if cursor else None
