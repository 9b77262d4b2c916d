"""A message that is sent again, comes back, or is lost with its worker."""

import json
from typing import Any

import pytest

from app.desk import Desk
from app.services import retrying, returned
from app.services.dead_letters import receive_dead_letters
from app.services.rescue import rescue
from messaging import Verdict
from tests import deliveries
from tests.factories import STATUS_MESSAGE, make_failure
from tests.fakes import FakeClock

QUEUE = "orders.status"
AS_SENT = STATUS_MESSAGE | {"messageId": "m-1", "body": deliveries.STATUS_BODY.decode()}


def confirm(desk: Desk, failure_id: str, attempt: int = 1, source: str | None = None) -> None:
    returned.confirm(desk, failure_id, attempt=attempt, source=source, actor="token:orders")


def come_back(desk: Desk, failure_id: str, attempt: int = 1, **options: Any) -> list[Verdict]:
    return receive_dead_letters(desk, [deliveries.returned(failure_id, attempt, **options)])


def lose(desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send a message and die before that is written; return the failure when its lease is over."""
    failure_id = make_failure(desk, remedy=AS_SENT)
    with monkeypatch.context() as patch:
        patch.setattr(retrying, "_record", lambda *_: None)
        retrying.work(desk, QUEUE, "dies")
    clock.advance(31)
    rescue(desk)
    return failure_id


def confirmation(failure_id: object, attempt: object, **message: Any):
    return deliveries.delivery(json.dumps({"failureId": failure_id, "attempt": attempt}).encode(),
    "failures.confirmations", **message)
