"""GET /failures.csv, /groups.csv: a list as a table for a spreadsheet, sent as it is read."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from app.clock import rfc3339
from app.desk import Desk
from app.domain.permissions import Permission
from app.queries import failures, groups
from app.queries.cursors import Page
from app.queries.failures import FailureRow
from app.queries.filters import FailureQuery
from app.queries.groups import GroupQuery, GroupRow
from app.routes.api import reading
from app.routes.context import current_desk
from app.routes.pages.access import needs
from app.routes.pages.blueprint import pages

FAILURES = (
    "id", "status", "reason", "created_at", "ship_by", "order_id", "client_id", "source", "operation", "kind",
    "error_type", "error_message", "error_status", "attempts_made", "next_attempt_at", "assignee", "queue",
    "message_id",
)
GROUPS = (
    "id", "title", "source", "operation", "kind", "error_type", "count", "open", "first_seen", "last_seen",
)
PART = 500  # rows read at once, each part in a transaction of its own
MOST = 100_000  # rows of a file: more than a spreadsheet is good for

# A cell that begins so is a formula to a spreadsheet. Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8

Rows = Page[FailureRow] | Page[GroupRow]
Read = Callable[[Session, str | None], Rows]


@pages.get("/failures.csv")
@needs(Permission.READ)
def export_failures() -> Response:
    """Send every failure that matches, newest first."""
    query = reading.query(FailureQuery)

    def read(session: Session, cursor: str | None) -> Rows:
        return failures.listed(session, query.model_copy(update={"limit": PART, "cursor": cursor}))

    return _file("failures", FAILURES, read)


@pages.get("/groups.csv")
@needs(Permission.READ)
def export_groups() -> Response:
    """Send every group that matches, the one that struck last first."""
    query = reading.query(GroupQuery)

    def read(session: Session, cursor: str | None) -> Rows:
        return groups.listed(session, query.model_copy(update={"limit": PART, "cursor": cursor}))

    return _file("groups", GROUPS, read)


def _file(name: str, columns: Sequence[str], read: Read) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(_lines(current_desk(), columns, read), mimetype="text/csv", headers=headers)


def _lines(desk: Desk, columns: Sequence[str], read: Read) -> Iterator[str]:
    yield _BYTE_ORDER_MARK + _written([columns])
    number = 0
    for rows in _parts(desk, read):
        yield _written([_cell(getattr(row, name)) for name in columns] for row in rows)
        number += len(rows)
        if number >= MOST:  # the file says itself that it may not be whole
            yield _written([[f"No more than {MOST:,} rows are exported: narrow the filter."]])
            return


def _parts(desk: Desk, read: Read) -> Iterator[Sequence[object]]:
    cursor = None  # the whole list, whatever part of it is on the screen
    while True:
        with desk.store.read() as session:
            page = read(session, cursor)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _written(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return rfc3339(value) or ""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
