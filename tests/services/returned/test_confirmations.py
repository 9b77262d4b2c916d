"""Its consumer's word: over REST or the queue, early, late, twice, or by somebody else."""

from typing import Any

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.errors import Conflict, Forbidden, NotFound
from app.models.bulk import BulkItem
from app.remedies.publish_message import PublishMessage
from app.services import retrying, returned
from app.services.queue_intake import receive_confirmations
from app.services.rescue import rescue
from app.services.review import discard
from messaging import Verdict
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_bulk_item, make_failure
from tests.fakes import FakeClock
from tests.looking import actions, failure, only_failure, outcomes, rows, status
from tests.services.returned.sending import QUEUE, confirm, confirmation


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
