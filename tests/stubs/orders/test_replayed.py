"""Messages that the desk sent again are confirmed."""

from messaging import STATUS
from stubs.common import operations
from tests.stubs.helpers import eventually
from tests.stubs.orders.orders_shop import change, confirmations, place, publish, replay_headers, reports, status


def test_a_replayed_message_is_confirmed_when_it_was_applied_and_when_it_was_known(shop):
    place(shop)
    for attempt in (1, 2):
        publish(shop, change(), headers=replay_headers(attempt))
    with shop.running("orders"):
        eventually(lambda: confirmations(shop) == [1, 2])


def test_a_replayed_message_that_fails_again_is_a_new_failure_and_confirmed(shop):
    shop.build("orders")
    publish(shop, change(order="lost"))
    publish(shop, change(order="lost"), headers=replay_headers())
    with shop.running("orders"):
        eventually(lambda: confirmations(shop) == [1])
    assert len(reports(shop)) == 2


def test_what_the_desk_wrote_meanwhile_is_not_written_again(shop):
    place(shop)
    with shop.store("orders").write() as session:
        operations.mark(session, "reserve-536365", "tombstone", "536365", {}, "desk")
    publish(shop, change())
    with shop.running("orders"):
        eventually(lambda: shop.broker().depth(STATUS) == 0)
    assert status(shop) == "placed"
