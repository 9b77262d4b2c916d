"""Take reports in. The fast path: one token look-up from memory, one parse, one transaction."""

import json
from typing import Any

from flask import Response, request

from app.clock import rfc3339
from app.desk import Desk
from app.domain.permissions import Permission
from app.domain.report import MAX_BATCH, MAX_REPORT, Report
from app.domain.trace import HEADER
from app.errors import AppError
from app.ids import is_id
from app.routes.api import problems, reading
from app.routes.api.endpoint import Answer, endpoint
from app.routes.api.schemas.intake import (
    Batch,
    BatchAnswer,
    Confirmation,
    ConfirmationAnswer,
    IntakeHeaders,
    ReceiptAnswer,
)
from app.routes.api.tokens import Principal
from app.routes.context import current_desk
from app.services import intake, returned, throttle
from app.services.intake import Receipt


@endpoint("/failures", method="POST", needs=Permission.REPORT, headers=IntakeHeaders, body=Report, reads_itself=True,
          answers=ReceiptAnswer, status=202, also={200: ReceiptAnswer})
def report_failure(principal: Principal) -> Answer:
    """Report a failure."""
    desk = current_desk()
    throttle.check(desk, principal.actor)
    body = reading.body(MAX_REPORT)
    receipt = intake.receive(desk, body, key=request.headers.get("Idempotency-Key"), source=principal.source,
                             traceparent=request.headers.get(HEADER))
    answer = {"id": receipt.id, "status": receipt.status} | _links(desk, receipt)
    headers = {"Location": answer["url"]} | ({"Idempotent-Replayed": "true"} if receipt.replayed else {})
    return Response(json.dumps(answer), 200 if receipt.replayed else 202, headers, mimetype="application/json")


@endpoint("/failures/batch", method="POST", needs=Permission.REPORT, body=Batch, reads_itself=True,
          answers=BatchAnswer)
def report_failures(principal: Principal) -> Answer:
    """Report up to 1,000 failures; each has an answer of its own."""
    desk = current_desk()
    throttle.check(desk, principal.actor)
    outcomes = intake.receive_batch(desk, reading.body(MAX_BATCH), source=principal.source)
    throttle.owe(desk, principal.actor, len(outcomes) - 1)
    answer = {"results": [_item(desk, outcome) for outcome in outcomes]}
    return Response(json.dumps(answer), 200, mimetype="application/json")


@endpoint("/failures/<failure_id>/confirm", method="POST", needs=Permission.REPORT, body=Confirmation,
          answers=ConfirmationAnswer)
def confirm_failure(principal: Principal, failure_id: str, body: Confirmation) -> Answer:
    """Confirm that a message that was sent again has been processed."""
    returned.confirm(
        current_desk(), known_id(failure_id), attempt=body.attempt, source=principal.source, actor=principal.actor
    )
    return ConfirmationAnswer(id=failure_id, status="resolved")


def known_id(text: str) -> str:
    """Return a failure's id in small letters; what can be none is not looked for, and so not found."""
    return text.lower() if is_id(text) else "-"


def _links(desk: Desk, receipt: Receipt) -> dict[str, Any]:
    return {
        "nextAttemptAt": rfc3339(receipt.next_attempt_at),
        "url": f"{desk.settings.public_url}/api/v1/failures/{receipt.id}",
    }


def _item(desk: Desk, outcome: Receipt | AppError) -> dict[str, Any]:
    if isinstance(outcome, AppError):
        return problems.members(outcome)
    return {"status": 200 if outcome.replayed else 202, "id": outcome.id} | _links(desk, outcome)
