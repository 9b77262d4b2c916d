"""What a person's acts read and answer."""

from typing import Any

from pydantic import BaseModel, Field, StrictInt, StrictStr


class Versioned(BaseModel):
    """The version of the failure that was seen; another one is a conflict."""

    version: StrictInt | None = None


class RetryBody(Versioned):
    """Retry as it is, or with a corrected remedy."""

    remedy: Any = None
    reason: StrictStr | None = None


class PreviewBody(BaseModel):
    """Look at the remedy as it is, or at a corrected one."""

    remedy: Any = None


class AssignBody(Versioned):
    """Who looks after it; null for nobody."""

    assignee: StrictStr | None


class CommentBody(Versioned):
    """A note."""

    text: StrictStr


class ReasonBody(Versioned):
    """Why; not blank."""

    reason: StrictStr


class ChangeShown(BaseModel):
    """One thing that would change."""

    what: str
    before: Any = None
    after: Any = None


class PreviewAnswer(BaseModel):
    """What a retry would do now."""

    outcome: str = Field(description="would_apply, already_applied or would_fail")
    changes: list[ChangeShown]
    reason: str | None
