"""Orders and candidates as the API shows them."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from app.queries.candidates import Candidate
from app.queries.order import OrderPage
from app.routes.api.schemas.failures import FailureItem


class CandidateItem(BaseModel):
    """An order that the lost one may be: how surely (0 to 1), and why."""

    orderId: str
    score: float
    why: list[str]
    order: dict[str, Any]

    @classmethod
    def of(cls, row: Candidate) -> Self:
        """Build from a row of the queries."""
        return cls(orderId=row.order_id, score=row.score, why=list(row.why), order=row.order)


class CandidateList(BaseModel):
    """The likeliest first."""

    items: list[CandidateItem]


class RecordShown(BaseModel):
    """What one service holds; `state` is `found`, `not found` or `not reachable`."""

    source: str
    what: str
    state: str
    record: Any = None


class MomentShown(BaseModel):
    """One thing that happened."""

    at: datetime
    what: str
    source: str
    detail: str | None
    failureId: str | None


class OrderAnswer(BaseModel):
    """All that is known of an order."""

    orderId: str
    records: list[RecordShown]
    messages: list[FailureItem]
    failures: list[FailureItem]
    timeline: list[MomentShown]

    @classmethod
    def of(cls, page: OrderPage) -> Self:
        """Build from the query's answer."""
        return cls(
            orderId=page.order_id,
            records=[
                RecordShown(source=row.source, what=row.what, state=row.found, record=row.record)
                for row in page.records
            ],
            messages=[FailureItem.of(row) for row in page.messages],
            failures=[FailureItem.of(row) for row in page.failures],
            timeline=[
                MomentShown(at=row.at, what=row.what, source=row.source, detail=row.detail, failureId=row.failure_id)
                for row in page.timeline
            ],
        )
