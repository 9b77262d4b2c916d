"""What a list of failures can be narrowed by; bulk operations take the same."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, exists, select

from app.clock import utcnow
from app.domain.report import Moment
from app.domain.status import OPEN, Status
from app.models.bulk import BulkItem
from app.models.failure import Failure
from app.models.group import Group
from app.queries.counts import is_status
from app.queries.indexes import is_open
from app.queries.search import matches
from app.queries.today import put_right_since

LONGEST_SEARCH = 255
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
LONGEST_AGE = 60 * 24 * 365  # minutes


def _forgiving(value: object) -> object:
    """Take a date for its midnight in UTC, and a plus sign that a query string turned into a space."""
    if isinstance(value, str) and len(value) == 10:
        return f"{value}T00:00:00Z"
    return value.replace(" ", "+") if isinstance(value, str) and "T" in value else value


def _in_our_time(moment: datetime | None) -> datetime | None:
    """Refuse what lies so near an end of the calendar that it has no time in another zone."""
    if moment is not None and not EARLIEST <= moment < LATEST:
        raise ValueError("must lie between the years 1970 and 2999")
    return moment


Text = Annotated[str, Field(min_length=1, max_length=255)]
SinceUntil = Annotated[Moment, BeforeValidator(_forgiving), AfterValidator(_in_our_time)]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_AGE)]


class FailureFilter(BaseModel):
    """All that is given must hold. `since` is included, `until` is not; both are about `createdAt`.

    `unassigned`: nobody has it. `overdue`: it needs a person, and its time to ship by has passed. `dueWithinMinutes`:
    it needs a person, and must be shipped by then, or should have been. `olderThanMinutes`: it came in longer ago.
    `putRightSince`: it was resolved then or later, as the newest 10,000 entries of the history tell.
    `failedIn`, `backIn` and `notIn` name a bulk operation: those that failed in it, those that it did and that need a
    person again, those that are not among its items.
    """

    status: Status | None = None
    source: Text | None = None
    operation: Text | None = None
    kind: Literal["http", "message", "db_write"] | None = None
    orderId: Text | None = None
    group: Text | None = None
    assignee: Text | None = None
    unassigned: bool = False
    overdue: bool = False
    dueWithinMinutes: Minutes | None = None
    olderThanMinutes: Minutes | None = None
    putRightSince: SinceUntil = None
    queue: Text | None = None
    failedIn: Text | None = None
    backIn: Text | None = None
    notIn: Text | None = None
    q: Annotated[str, Field(min_length=1, max_length=LONGEST_SEARCH)] | None = None
    since: SinceUntil = None
    until: SinceUntil = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filter as conditions on the failures."""
        equal: dict[Any, Any] = {
            Failure.source: self.source, Failure.operation: self.operation,
            Failure.kind: self.kind, Failure.order_id: self.orderId, Failure.group_id: self.group,
            Failure.assignee: self.assignee, Failure.queue: self.queue,
        }
        conditions: list[ColumnElement[bool]] = [
            column == value for column, value in equal.items() if value is not None
        ]
        if len(known := self._cause()) > 1:
            conditions.append(exists().where(*known))
        if self.status:
            conditions.append(is_status(self.status))
        if self.queue and self.status in OPEN:
            conditions.append(is_open())
        if self.unassigned:
            conditions.append(Failure.assignee.is_(None))
        if self.q:
            conditions.append(matches(self.q))
        return conditions + self._times() + self._bulk()

    def _cause(self) -> list[ColumnElement[bool]]:
        """Return what the filter asks of a cause: where none is like that, no failure need be looked at."""
        equal: dict[Any, Any] = {Group.source: self.source, Group.operation: self.operation, Group.kind: self.kind}
        return [column == value for column, value in equal.items() if value is not None]

    def _bulk(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if self.failedIn:
            conditions.append(Failure.id.in_(_items(self.failedIn, "failed")))
        if self.backIn:
            conditions += [is_status(Status.REVIEW), Failure.id.in_(_items(self.backIn, "succeeded"))]
        if self.notIn:
            conditions.append(~exists().where(BulkItem.failure_id == Failure.id, BulkItem.bulk_id == self.notIn))
        return conditions

    def _times(self) -> list[ColumnElement[bool]]:
        now = utcnow()
        conditions: list[ColumnElement[bool]] = []
        if self.overdue:
            conditions += [is_status(Status.REVIEW), Failure.ship_by < now]
        if self.dueWithinMinutes:
            conditions += [is_status(Status.REVIEW), Failure.ship_by < now + timedelta(minutes=self.dueWithinMinutes)]
        if self.olderThanMinutes:
            conditions.append(Failure.created_at < now - timedelta(minutes=self.olderThanMinutes))
        if self.since:
            conditions.append(Failure.created_at >= self.since)
        if self.until:
            conditions.append(Failure.created_at < self.until)
        if self.putRightSince:
            conditions.append(put_right_since(self.putRightSince))
        return conditions


def _items(bulk_id: str, outcome: str) -> Select[str]:
    return select(BulkItem.failure_id).where(BulkItem.bulk_id == bulk_id, BulkItem.outcome == outcome)


class BulkFilter(FailureFilter):
    """The filter of a bulk operation: an unknown key is an error, since ignoring it would act on more than meant."""

    model_config = ConfigDict(extra="forbid")


class FailureQuery(FailureFilter):
    """A filter and a page of it, newest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: str | None = None
