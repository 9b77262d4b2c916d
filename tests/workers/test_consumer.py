"""The consumer's handler: what cannot be taken stays in its queue, and keeps nothing else there."""

from collections.abc import Sequence
from threading import Event

from sqlalchemy.exc import OperationalError

from app.desk import Desk
from app.services.dead_letters import receive_dead_letters
from app.workers import consumer
from messaging import Delivery, Verdict
from tests.deliveries import dead
from tests.looking import all_failures


def test_one_message_that_cannot_be_stored_keeps_no_other_back(desk: Desk) -> None:
    def receive(desk: Desk, deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        if any(delivery.message.body == b"poison" for delivery in deliveries):
            raise ValueError("a fault of ours")
        return receive_dead_letters(desk, deliveries)

    handle = consumer._handler(desk, Event(), receive)
    batch = [dead(body, message_id=str(body)) for body in (b"one", b"poison", b"two")]
    assert handle(batch) == [Verdict.ACK, Verdict.RETRY, Verdict.ACK]
    assert len(all_failures(desk)) == 2


def test_while_our_store_is_away_everything_is_given_back_uncounted(desk: Desk) -> None:
    stop = Event()
    stop.set()  # it would wait a moment, so as not to spin

    def receive(desk: Desk, deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    handle = consumer._handler(desk, stop, receive)
    assert handle([dead(), dead()]) == [Verdict.RELEASE] * 2
