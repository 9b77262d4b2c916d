"""Groups as the API shows them."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from app.queries.groups import GroupRow


class GroupItem(BaseModel):
    """Failures with one cause."""

    id: str
    title: str
    source: str
    operation: str
    kind: str
    errorType: str
    count: int
    open: int
    firstSeen: datetime
    lastSeen: datetime

    @classmethod
    def of(cls, row: GroupRow) -> Self:
        """Build from a row of the queries."""
        return cls(id=row.id, title=row.title, source=row.source, operation=row.operation, kind=row.kind,
                   errorType=row.error_type, count=row.count, open=row.open, firstSeen=row.first_seen,
                   lastSeen=row.last_seen)


class GroupList(BaseModel):
    """A page of groups, the one seen last first."""

    items: list[GroupItem]
    nextCursor: str | None
