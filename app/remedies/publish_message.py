"""Send a message again; only its consumer's word makes it fixed."""

import base64
from typing import Any

from app.domain import exact_json
from app.remedies.base import Change, Means, Outcome, Preview, Result, Run
from app.remedies.tracing import continue_trace
from messaging import FAILURE_ATTEMPT, FAILURE_ID, BrokerUnavailable, Message, MessagingError, Unroutable
from messaging.deaths import without_death


class PublishMessage:
    """The remedy `publish_message`."""

    def apply(self, means: Means, run: Run) -> Result:
        """Publish with the broker's confirmation; the same message id at every attempt."""
        remedy = run.remedy
        headers = without_death(dict(remedy.get("headers") or {}))
        continue_trace(headers, run)
        headers |= {FAILURE_ID: run.failure_id, FAILURE_ATTEMPT: run.attempt}
        message = Message(
            body=body_of(remedy),
            message_id=message_id_of(run.failure_id, remedy),
            content_type=remedy.get("contentType") or "application/json",
            headers=headers,
        )
        try:
            means.broker.publish(remedy["queue"], message)
        except Unroutable:
            return Result(Outcome.PERMANENT, f"There is no queue {remedy['queue']}.")
        except BrokerUnavailable as error:
            return Result(Outcome.PASSING, f"The broker is not available: {error}", unavailable=True)
        except MessagingError as error:
            return Result(Outcome.PASSING, f"The broker did not take the message: {error}")
        return Result(Outcome.SENT, f"Sent to {remedy['queue']}; its consumer has not confirmed yet.")

    def preview(self, means: Means, run: Run) -> Preview:
        """Show where the message would go."""
        remedy = run.remedy
        try:
            depth = means.broker.depth(remedy["queue"])
        except MessagingError as error:
            return Preview("would_fail", reason=f"The broker is not available: {error}")
        return Preview("would_apply", [Change(f"messages on {remedy['queue']}", depth, depth + 1)])


def message_id_of(failure_id: str, remedy: dict[str, Any]) -> str:
    """Return the id that a failure's message has at every attempt, so that its consumer knows it again."""
    return remedy.get("messageId") or f"dlo-{failure_id}"


def body_of(remedy: dict[str, Any]) -> bytes:
    """Return a message's bytes: `bodyBase64` exactly, a text as UTF-8, anything else as JSON."""
    if remedy.get("bodyBase64") is not None:
        return base64.b64decode(remedy["bodyBase64"])
    body = remedy.get("body")
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else exact_json.dumps(body).encode()
