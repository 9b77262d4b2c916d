"""What is answered when something is wrong."""

from pydantic import BaseModel, Field


class FaultItem(BaseModel):
    """One thing that is wrong: where, and what was expected."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details; `errors` with 422, `currentStatus` with 409."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultItem] = Field(default_factory=list)
    currentStatus: str | None = None
