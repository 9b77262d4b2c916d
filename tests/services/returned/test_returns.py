"""A message that was sent again is back in the dead-letter queue."""

from datetime import timedelta
from typing import Any

import pytest

from app.desk import Desk
from app.remedies.publish_message import PublishMessage
from app.services import retrying, returned
from app.services.dead_letters import receive_dead_letters
from app.services.review import reopen, resolve, retry
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Verdict
from tests import deliveries
from tests.factories import make_failure
from tests.fakes import FakeBroker, FakeClock
from tests.looking import all_failures, failure, only_failure, outcomes, status
from tests.services.returned.sending import AS_SENT, QUEUE, come_back, confirm, lose


def test_a_sent_message_names_its_failure_and_attempt_and_waits_five_minutes(
    desk: Desk, sent: str, broker: FakeBroker
) -> None:
    (message,) = broker.queues[QUEUE]
    assert message.headers == {FAILURE_ID: sent, FAILURE_ATTEMPT: 1}
    assert failure(desk, sent).confirm_by == desk.clock() + timedelta(minutes=5)


class TestScaled:
    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"DLO_RETRY_SCALE": "0.02"}

    def test_the_five_minutes_are_scaled(self, desk: Desk, sent: str, clock: FakeClock) -> None:
        clock.advance(5.9)
        assert not returned.give_up_waiting(desk)
        clock.advance(0.1)
        assert returned.give_up_waiting(desk)


def test_a_message_that_expired_again_counts_against_its_attempt_and_goes_on_in_the_series(desk: Desk,
sent: str) -> None:
    assert come_back(desk, sent) == [Verdict.ACK]
    row = only_failure(desk)
    assert (row.status, outcomes(desk, sent)) == ("scheduled", ["returned"])
    assert row.next_attempt_at == desk.clock() + timedelta(seconds=60)


@pytest.mark.parametrize(("lay_for", "due_in"), [(30, 30), (90, 0)])
def test_tries_are_a_minute_apart_however_long_the_message_lay_in_its_queue(
    desk: Desk, sent: str, clock: FakeClock, lay_for: float, due_in: float
) -> None:
    clock.advance(lay_for)
    come_back(desk, sent)
    assert failure(desk, sent).next_attempt_at == clock() + timedelta(seconds=due_in)


@pytest.mark.parametrize("reason", ["rejected", "delivery_limit"])
def test_a_message_that_came_back_for_good_needs_a_person(desk: Desk, sent: str, reason: str) -> None:
    assert come_back(desk, sent, reason=reason) == [Verdict.ACK]
    row = only_failure(desk)
    assert (row.status, outcomes(desk, sent)) == ("review", ["returned"])
    assert reason in row.reason


def test_the_series_ends_after_ten_attempts_with_a_person(desk: Desk, sent: str, clock: FakeClock) -> None:
    for attempt in range(1, 10):
        come_back(desk, sent, attempt, at=clock())
        assert status(desk, sent) == "scheduled"
        clock.advance(60)
        assert retrying.work(desk, QUEUE, "worker")
    come_back(desk, sent, 10, at=clock())
    assert status(desk, sent) == "review"
    assert "10" in str(failure(desk, sent).reason)
    assert outcomes(desk, sent) == ["returned"] * 10


@pytest.mark.parametrize("attempt", [0, 2, -1])
def test_a_message_of_another_attempt_is_treated_as_new(desk: Desk, sent: str, attempt: int) -> None:
    come_back(desk, sent, attempt, message_id="m-2")
    assert status(desk, sent) == "sent"
    assert len(all_failures(desk)) == 2


def test_a_message_of_a_failure_that_is_not_sent_is_treated_as_new(desk: Desk, sent: str) -> None:
    confirm(desk, sent)
    come_back(desk, sent, message_id="m-2")
    assert status(desk, sent) == "resolved"
    assert len(all_failures(desk)) == 2


def test_the_same_return_delivered_twice_counts_once_and_makes_no_second_failure(desk: Desk, sent: str) -> None:
    delivery = deliveries.returned(sent, 1)
    assert receive_dead_letters(desk, [delivery, delivery]) == [Verdict.ACK] * 2
    assert receive_dead_letters(desk, [delivery]) == [Verdict.ACK]  # its first acknowledgement was lost
    assert only_failure(desk).status == "scheduled"
    assert outcomes(desk, sent) == ["returned"]


def test_a_copy_that_a_crash_made_is_no_second_failure(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure_id = lose(desk, clock, monkeypatch)
    come_back(desk, failure_id)  # before it is sent again …
    retrying.work(desk, QUEUE, "worker")
    come_back(desk, failure_id)  # … after that …
    confirm(desk, failure_id, 2)
    come_back(desk, failure_id)  # … and when all is over
    assert only_failure(desk).status == "resolved"
    assert outcomes(desk, failure_id) == ["abandoned", "sent"]


@pytest.mark.parametrize("changed", [{"message_id": "m-2"}, {"body": b"another"}, {"message_id": None}])
def test_what_only_claims_to_be_a_copy_is_kept_as_new(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    come_back(desk, lose(desk, clock, monkeypatch), **changed)
    assert len(all_failures(desk)) == 2


@pytest.mark.parametrize("reason", ["\x00", "\ud800", "x" * 10_000])
def test_a_forged_reason_of_a_return_stops_no_consumer(desk: Desk, sent: str, reason: str) -> None:
    assert come_back(desk, sent, reason=reason) == [Verdict.ACK]
    assert status(desk, sent) == "review"


def test_a_return_that_overtakes_its_worker_waits_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    failure_id = make_failure(desk, remedy=AS_SENT)
    send, verdicts = PublishMessage.apply, []

    def returned_at_once(self: PublishMessage, means: Any, run: Any) -> Any:
        result = send(self, means, run)
        verdicts.extend(come_back(desk, failure_id))
        return result

    monkeypatch.setattr(PublishMessage, "apply", returned_at_once)
    retrying.work(desk, QUEUE, "worker")
    assert verdicts == [Verdict.RETRY]
    assert come_back(desk, failure_id) == [Verdict.ACK]
    assert only_failure(desk).status == "scheduled"


def test_a_closed_failure_whose_sent_message_comes_back_once_more_is_reopened(desk: Desk, clock: FakeClock) -> None:
    receive_dead_letters(desk, [deliveries.dead(reason="rejected")])
    failure_id = only_failure(desk).id
    retry(desk, failure_id, actor="admin")
    retrying.work(desk, QUEUE, "worker")
    confirm(desk, failure_id, source="orders")
    come_back(desk, failure_id, at=clock.advance(5))
    assert only_failure(desk).status == "review"


def test_a_person_s_retry_after_the_series_begins_a_new_one(desk: Desk, sent: str, clock: FakeClock) -> None:
    come_back(desk, sent, reason="rejected")
    retry(desk, sent, actor="admin")
    retrying.work(desk, QUEUE, "worker")
    come_back(desk, sent, 2)
    assert status(desk, sent) == "scheduled"
    resolve(desk, sent, actor="admin", reason="done otherwise")
    reopen(desk, sent, actor="admin", reason="not done")
    assert outcomes(desk, sent) == ["returned", "returned"]
