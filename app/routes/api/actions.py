"""A person's acts on one failure; each answers the failure as it is then."""

from app.domain.masking import masked, masked_text
from app.domain.permissions import Permission
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.failures import shown
from app.routes.api.intake import known_id
from app.routes.api.schemas.actions import (
    AssignBody,
    ChangeShown,
    CommentBody,
    PreviewAnswer,
    PreviewBody,
    ReasonBody,
    RetryBody,
)
from app.routes.api.schemas.failures import FailureAnswer
from app.routes.api.tokens import Principal
from app.routes.context import current_desk
from app.services import review


@endpoint("/failures/<failure_id>/retry", method="POST", needs=Permission.REVIEW, body=RetryBody,
          answers=FailureAnswer)
def retry_failure(principal: Principal, failure_id: str, body: RetryBody) -> Answer:
    """Retry now, as it is or corrected."""
    review.retry(current_desk(), known_id(failure_id), actor=principal.actor, remedy=body.remedy, reason=body.reason,
                 version=body.version)
    return shown(failure_id)


@endpoint("/failures/<failure_id>/preview", method="POST", needs=Permission.READ, body=PreviewBody,
          answers=PreviewAnswer)
def preview_failure(principal: Principal, failure_id: str, body: PreviewBody) -> Answer:
    """Tell what a retry would do now, without doing it."""
    preview = review.preview(current_desk(), known_id(failure_id), remedy=body.remedy)
    return PreviewAnswer(
        outcome=preview.outcome,
        changes=[
            ChangeShown(what=masked_text(change.what), before=masked(change.before), after=masked(change.after))
            for change in preview.changes
        ],
        reason=None if preview.reason is None else masked_text(preview.reason),
    )


@endpoint("/failures/<failure_id>/assign", method="POST", needs=Permission.REVIEW, body=AssignBody,
          answers=FailureAnswer)
def assign_failure(principal: Principal, failure_id: str, body: AssignBody) -> Answer:
    """Give it to somebody, or to nobody."""
    review.assign(current_desk(), known_id(failure_id), actor=principal.actor, assignee=body.assignee,
                  version=body.version)
    return shown(failure_id)


@endpoint("/failures/<failure_id>/comment", method="POST", needs=Permission.REVIEW, body=CommentBody,
          answers=FailureAnswer)
def comment_failure(principal: Principal, failure_id: str, body: CommentBody) -> Answer:
    """Write a note."""
    review.comment(current_desk(), known_id(failure_id), actor=principal.actor, text=body.text, version=body.version)
    return shown(failure_id)


@endpoint("/failures/<failure_id>/resolve", method="POST", needs=Permission.REVIEW, body=ReasonBody,
          answers=FailureAnswer)
def resolve_failure(principal: Principal, failure_id: str, body: ReasonBody) -> Answer:
    """Close it: it was put right in another way."""
    review.resolve(current_desk(), known_id(failure_id), actor=principal.actor, reason=body.reason,
                   version=body.version)
    return shown(failure_id)


@endpoint("/failures/<failure_id>/discard", method="POST", needs=Permission.REVIEW, body=ReasonBody,
          answers=FailureAnswer)
def discard_failure(principal: Principal, failure_id: str, body: ReasonBody) -> Answer:
    """Close it: nothing shall be done."""
    review.discard(current_desk(), known_id(failure_id), actor=principal.actor, reason=body.reason,
                   version=body.version)
    return shown(failure_id)


@endpoint("/failures/<failure_id>/reopen", method="POST", needs=Permission.REVIEW, body=ReasonBody,
          answers=FailureAnswer)
def reopen_failure(principal: Principal, failure_id: str, body: ReasonBody) -> Answer:
    """Bring it back for review."""
    review.reopen(current_desk(), known_id(failure_id), actor=principal.actor, reason=body.reason,
                  version=body.version)
    return shown(failure_id)
