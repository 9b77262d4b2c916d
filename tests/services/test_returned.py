"""A message that was sent again: it came back, it was confirmed, or nobody said anything."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.errors import Conflict, Forbidden, NotFound
from app.models.bulk import BulkItem
from app.remedies.publish_message import PublishMessage
from app.services import retrying, returned
from app.services.dead_letters import receive_dead_letters
from app.services.queue_intake import receive_confirmations
from app.services.rescue import rescue
from app.services.review import discard, reopen, resolve, retry
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Verdict
from tests import deliveries
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_bulk_item, make_failure
from tests.fakes import FakeBroker, FakeClock
from tests.looking import actions, all_failures, assert_consistent, failure, only_failure, outcomes, rows, status

QUEUE = "orders.status"
AS_SENT = STATUS_MESSAGE | {"messageId": "m-1", "body": deliveries.STATUS_BODY.decode()}


@pytest.fixture
def sent(desk: Desk) -> str:
    """A failure whose message was sent again and is not confirmed yet."""
    failure_id = make_failure(desk, remedy=AS_SENT)
    assert retrying.work(desk, QUEUE, "worker")
    assert status(desk, failure_id) == "sent"
    return failure_id


@pytest.fixture(autouse=True)
def everything_agrees(desk: Desk):
    yield
    assert_consistent(desk)


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


def test_a_sent_message_names_its_failure_and_attempt_and_waits_five_minutes(
    desk: Desk, sent: str, broker: FakeBroker
) -> None:
    (message,) = broker.queues[QUEUE]
    assert message.headers == {FAILURE_ID: sent, FAILURE_ATTEMPT: 1}
    assert failure(desk, sent).confirm_by == desk.clock() + timedelta(minutes=5)


def test_its_consumer_s_word_resolves_it_and_saying_so_twice_is_harmless(desk: Desk, sent: str) -> None:
    confirm(desk, sent)
    confirm(desk, sent)
    assert (status(desk, sent), outcomes(desk, sent)) == ("resolved", ["sent"])
    assert actions(desk, sent).count("confirmed") == 1


@pytest.mark.parametrize("attempt", [0, -1, 2, 10**30])
def test_a_confirmation_of_another_attempt_changes_nothing(desk: Desk, sent: str, attempt: int) -> None:
    with pytest.raises(Conflict) as caught:
        confirm(desk, sent, attempt)
    assert caught.value.current_status == status(desk, sent) == "sent"


@pytest.mark.parametrize(("source", "fine"), [("warehouse", True), ("orders", True), (None, True), ("payments",
False), ("", False)])
def test_only_its_own_source_or_the_queue_s_consumer_may_confirm(
    desk: Desk, sent: str, source: str | None, fine: bool
) -> None:
    if fine:
        confirm(desk, sent, source=source)
    else:
        with pytest.raises(Forbidden):
            confirm(desk, sent, source=source)
    assert status(desk, sent) == ("resolved" if fine else "sent")


def test_what_was_never_sent_cannot_be_confirmed(desk: Desk) -> None:
    for remedy in (STATUS_MESSAGE, STOCK_DECREMENT, None):
        for attempt in (0, 1):
            with pytest.raises(Conflict):
                confirm(desk, make_failure(desk, remedy=remedy), attempt)
    with pytest.raises(NotFound):
        confirm(desk, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


def test_a_confirmation_may_overtake_its_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    failure_id = make_failure(desk, remedy=STATUS_MESSAGE, bulk_id="bulk-1")
    make_bulk_item(desk, failure_id)
    send = PublishMessage.apply

    def confirmed_at_once(self: PublishMessage, means: Any, run: Any) -> Any:
        result = send(self, means, run)
        confirm(desk, failure_id)  # the consumer is faster than the worker's own record
        return result

    monkeypatch.setattr(PublishMessage, "apply", confirmed_at_once)
    assert retrying.work(desk, QUEUE, "worker")
    assert (status(desk, failure_id), outcomes(desk, failure_id)) == ("resolved", ["sent"])
    assert [item.outcome for item in rows(desk, select(BulkItem.outcome))] == ["succeeded"]


def test_a_confirmation_after_the_worker_died_still_counts(desk: Desk, clock: FakeClock,
monkeypatch: pytest.MonkeyPatch) -> None:
    failure_id = make_failure(desk, remedy=STATUS_MESSAGE)
    monkeypatch.setattr(retrying, "_record", lambda *_: None)
    retrying.work(desk, QUEUE, "worker")
    clock.advance(31)
    rescue(desk)
    assert status(desk, failure_id) == "scheduled"
    confirm(desk, failure_id)
    assert status(desk, failure_id) == "resolved"


def test_a_confirmation_of_a_discarded_failure_changes_nothing(desk: Desk, sent: str, clock: FakeClock) -> None:
    clock.advance(301)
    returned.give_up_waiting(desk)
    discard(desk, sent, actor="admin", reason="lost")
    with pytest.raises(Conflict):
        confirm(desk, sent)
    assert status(desk, sent) == "discarded"


def test_unconfirmed_after_five_minutes_it_needs_a_person_but_a_late_word_still_resolves_it(
    desk: Desk, sent: str, clock: FakeClock
) -> None:
    clock.advance(299.9)
    assert not returned.give_up_waiting(desk)
    clock.advance(0.1)
    assert returned.give_up_waiting(desk)
    assert not returned.give_up_waiting(desk)
    assert (status(desk, sent), outcomes(desk, sent)) == ("review", ["unconfirmed"])
    assert "did not confirm" in str(failure(desk, sent).reason)
    confirm(desk, sent)
    assert (status(desk, sent), outcomes(desk, sent)) == ("resolved", ["sent"])


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


def confirmation(failure_id: object, attempt: object, **message: Any):
    return deliveries.delivery(json.dumps({"failureId": failure_id, "attempt": attempt}).encode(),
    "failures.confirmations", **message)


def test_confirmations_come_over_the_queue_too(desk: Desk, sent: str) -> None:
    other = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    batch = [confirmation(other, 1), confirmation(sent, 5), confirmation(sent.upper(), 1), confirmation(sent, 1)]
    assert receive_confirmations(desk, batch) == [Verdict.ACK] * 4
    assert only_failure(desk).status == "resolved"


@pytest.mark.parametrize(
    ("failure_id", "attempt"), [("x", 1), (5, 1), (None, None), ("\ud800", 1),
    ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", True),
                                ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "1"),
                                ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 1.0)],
)
def test_a_confirmation_that_cannot_be_read_is_kept_for_a_person(desk: Desk, failure_id: object,
attempt: object) -> None:
    assert receive_confirmations(desk, [confirmation(failure_id, attempt)]) == [Verdict.ACK]
    assert (only_failure(desk).status, only_failure(desk).source) == ("review", "failures.confirmations")
