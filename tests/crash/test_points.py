"""Killed exactly before and after each point P1–P9: nothing is lost, nothing is doubled, the history is whole."""

import json
from dataclasses import replace

import pytest

from app.services import retrying
from app.services.intake import receive, receive_batch
from messaging import CONFIRMATIONS, FAILURE_ATTEMPT, INTAKE, Message
from messaging.deaths import with_death
from tests import deliveries
from tests.crash import points
from tests.crash.cells import SIDES, at, each_side
from tests.crash.conftest import World
from tests.crash.killing import Side
from tests.crash.points import BATCH, DEAD, QUEUE, REPORT
from tests.factories import ORDER_STATUS, STATUS_MESSAGE, STOCK_DECREMENT, make_failure
from tests.looking import (
    actions,
    all_failures,
    marker_kind,
    only_failure,
    order_status,
    outcomes,
    status,
    stock,
    stored_report,
)

pytestmark = pytest.mark.crash

@each_side
@at({name: point for name, point in points.INTAKE_POINTS.items() if point.act is points.report})
def test_a_report_that_was_not_answered_is_sent_again_and_stored_once(world: World, point: str, side: Side) -> None:
    world.kill(point, side)
    was_committed = (point, side) == ("P2 answer", "after")
    assert len(all_failures(world.desk)) == was_committed
    assert receive(world.desk, REPORT, key="k-1", source="warehouse").replayed == was_committed
    world.recover()
    assert (only_failure(world.desk).status, stock(world.desk)) == ("resolved", 96)


@each_side
@at({name: point for name, point in points.INTAKE_POINTS.items() if point.act is points.report_batch})
def test_a_batch_is_stored_whole_or_not_at_all_and_once(world: World, point: str, side: Side) -> None:
    world.kill(point, side)
    assert len(all_failures(world.desk)) in (0, 2)
    receive_batch(world.desk, BATCH, source="warehouse")
    world.recover()
    assert [row.status for row in all_failures(world.desk)] == ["resolved"] * 2
    assert stock(world.desk) == 96  # one operation, though it was reported twice


@each_side
@at(points.KNOWN_POINTS)
def test_a_report_of_a_known_cause_is_stored_once_by_the_driver_too(world: World, point: str, side: Side) -> None:
    world.kill(point, side)
    was_committed = side == "after"
    assert len(all_failures(world.desk)) == 2 + was_committed
    assert receive(world.desk, REPORT, key="k-1", source="warehouse").replayed == was_committed
    world.recover()
    assert [row.status for row in all_failures(world.desk)] == ["resolved"] * 3
    assert stock(world.desk) == 96  # one operation, though it was reported three times


@each_side
@at(points.DRAIN_POINTS)
def test_a_message_is_stored_once_and_leaves_its_queue(world: World, point: str, side: Side) -> None:
    letter = deliveries.dead().message
    if "dead letter" in point:
        world.desk.broker.publish(DEAD, letter)
    else:
        world.desk.broker.publish(INTAKE, Message(REPORT, message_id="k-1"))
    world.kill(point, side)
    world.recover()
    row = only_failure(world.desk)
    assert stored_report(world.desk, row.id).body == (letter.body if "dead letter" in point else REPORT)
    assert actions(world.desk, row.id).count("received") == 1
    assert "came_back" not in actions(world.desk, row.id)


@each_side
@at(points.SENT_POINTS)
def test_what_became_of_a_sent_message_counts_once(world: World, point: str, side: Side) -> None:
    failure_id = make_failure(world.desk, remedy=STATUS_MESSAGE | {"messageId": "m-1"})
    retrying.work(world.desk, QUEUE, "worker")
    (message,) = world.take(QUEUE)
    if "return" in point:
        died = with_death(message.headers, QUEUE, "expired", world.clock())
        world.desk.broker.publish(DEAD, replace(message, headers=died))
    else:
        word = json.dumps({"failureId": failure_id, "attempt": 1}).encode()
        world.desk.broker.publish(CONFIRMATIONS, Message(word))
    world.kill(point, side)
    world.redeliver()
    assert only_failure(world.desk).status == ("scheduled" if "return" in point else "resolved")
    assert outcomes(world.desk, failure_id) == (["returned"] if "return" in point else ["sent"])
    assert actions(world.desk, failure_id)[3:] == (["returned"] if "return" in point else ["confirmed"])


# What the attempts say afterwards: the evidence of the crash, and what the survivor found.
NEVER_BEGUN, DONE_ANEW, FOUND_DONE, KNOWN = (
    ["applied"], ["abandoned", "applied"], ["abandoned", "already_applied"], ["applied"],
)
EVIDENCE = {
    "P5 claim": (NEVER_BEGUN, DONE_ANEW), "P5 attempt": (NEVER_BEGUN, NEVER_BEGUN), "P6 marker": (DONE_ANEW, DONE_ANEW),
    "P6 effect": (DONE_ANEW, DONE_ANEW), "P6 status": (DONE_ANEW, DONE_ANEW),
    "P7 target's commit": (DONE_ANEW, FOUND_DONE), "P7 status": (DONE_ANEW, FOUND_DONE),
    "P7 outcome": (FOUND_DONE, FOUND_DONE), "P7 outcome's commit": (FOUND_DONE, KNOWN),
}


@each_side
@at(points.STOCK_POINTS)
def test_stock_is_taken_exactly_once(world: World, point: str, side: Side) -> None:
    failure_id = make_failure(world.desk, remedy=STOCK_DECREMENT)
    world.kill(point, side)
    assert stock(world.desk) == (100 if marker_kind(world.desk, "op-1") is None else 96)
    world.recover()
    assert (stock(world.desk), marker_kind(world.desk, "op-1")) == (96, "stock_decrement")
    assert (status(world.desk, failure_id), outcomes(world.desk, failure_id)) == (
        "resolved", EVIDENCE[point][SIDES.index(side)]
    )


@each_side
@at(points.STATUS_POINTS)
def test_a_status_is_written_exactly_once(world: World, point: str, side: Side) -> None:
    failure_id = make_failure(world.desk, remedy=ORDER_STATUS)
    world.kill(point, side)
    world.recover()
    assert order_status(world.desk) == "paid"
    assert (status(world.desk, failure_id), outcomes(world.desk, failure_id)) == (
        "resolved", EVIDENCE[point][SIDES.index(side)]
    )


@each_side
@at(points.CALL_POINTS)
def test_a_call_is_repeated_with_the_same_key_alone(world: World, point: str, side: Side) -> None:
    remedy = {"type": "http_request", "target": "inventory", "path": "/v1/ship", "body": {}}
    failure_id = make_failure(world.desk, remedy=remedy)
    world.kill(point, side)
    world.recover()
    was_known = (point, side) == ("P8 outcome", "after")
    was_sent = (point, side) != ("P8 request", "before")
    assert world.effects_in_inventory == {f"Idempotency-Key: dlo-{failure_id}": 2 if was_sent and not was_known else 1}
    assert status(world.desk, failure_id) == "resolved"
    assert outcomes(world.desk, failure_id) == (["applied"] if was_known else ["abandoned", "applied"])


@each_side
@at(points.SEND_POINTS)
def test_a_message_is_repeated_with_the_same_id_and_its_consumer_s_word_ends_it(
    world: World, point: str, side: Side
) -> None:
    failure_id = make_failure(world.desk, remedy=STATUS_MESSAGE)
    world.kill(point, side)
    first = world.take(QUEUE)
    world.recover()
    copies = [*first, *world.take(QUEUE)]
    was_sent, was_known = (point, side) != ("P9 publish", "before"), (point, side) == ("P9 outcome", "after")
    expected = 2 if was_sent and not was_known else 1
    assert [message.message_id for message in copies] == [f"dlo-{failure_id}"] * expected
    assert status(world.desk, failure_id) == "sent"
    confirm(world, failure_id, copies[-1])
    world.recover()
    assert (only_failure(world.desk).status, outcomes(world.desk, failure_id)[-1]) == ("resolved", "sent")


@each_side
@at(points.SEND_POINTS)
def test_a_message_that_nobody_takes_after_the_crash_comes_back_to_the_same_failure(
    world: World, point: str, side: Side
) -> None:
    failure_id = make_failure(world.desk, remedy=STATUS_MESSAGE)
    world.kill(point, side)
    world.let_expire()
    world.recover()
    if (copies := world.take(QUEUE)) == []:
        world.clock.advance(60)  # it came back, and is sent again by the series
        world.recover()
        copies = world.take(QUEUE)
    confirm(world, failure_id, copies[-1])
    world.recover()
    assert only_failure(world.desk).status == "resolved"


def confirm(world: World, failure_id: str, message: Message) -> None:
    word = {"failureId": failure_id, "attempt": message.headers[FAILURE_ATTEMPT]}
    world.desk.broker.publish(CONFIRMATIONS, Message(json.dumps(word).encode()))
