"""Where a process may die, P1–P12: what it does, and how to kill it exactly there.

A point names a moment: `before` kills just before it is reached, `after` as soon as it is over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.services import bulk, bulk_orders, retrying, review
from app.services.bulk_orders import BulkOrder
from app.services.dead_letters import receive_dead_letters
from app.services.intake import receive, receive_batch
from app.services.queue_intake import receive_confirmations, receive_reports
from messaging import CONFIRMATIONS, INTAKE
from tests.crash.brokers import acknowledging, publishing
from tests.crash.killing import (
    Act,
    Arm,
    Side,
    at_commit_of_the_driver,
    at_request,
    our_statement,
    ours,
    their_statement,
    theirs,
)
from tests.factories import STOCK_DECREMENT, body
from tests.looking import all_failures

QUEUE = "orders.status"
DEAD = "orders.status.dlq"
REPORT = body(remedy=STOCK_DECREMENT)
CORRECTED = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 5}]}
BATCH = b'{"failures": [{"idempotencyKey": "k-1", ' + REPORT[1:] + b', {"idempotencyKey": "k-2", ' + REPORT[1:] + b"]}"


@dataclass(frozen=True)
class Point:
    """What the process does, and how it is killed on the way."""

    act: Act
    arm: Arm
    first: Act | None = None  # what it had done before, unharmed


def run(point: Point, desk: Desk, side: Side) -> None:
    """Arm the point and act; only a point that is never reached lets this return."""
    if point.first:
        point.first(desk)
    point.arm(desk, side)
    point.act(desk)


# What is done when the process dies.


def report(desk: Desk) -> object:
    return receive(desk, REPORT, key="k-1", source="warehouse")


def know_the_cause(desk: Desk) -> None:
    """Report twice: what is reported after that is stored by the driver itself, where the engine has such a way."""
    for key in ("k-known", "k-known-too"):
        receive(desk, REPORT, key=key, source="warehouse")


def report_batch(desk: Desk) -> object:
    return receive_batch(desk, BATCH, source="warehouse")


def consume(queue: str, receive_some: Callable[..., Any]) -> Act:
    def act(desk: Desk) -> None:
        stop = Event()

        def handle(deliveries: Any) -> Any:
            stop.set()
            return receive_some(desk, deliveries)

        desk.broker.consume([queue], handle, stop=stop, batch=10)

    return act


def work(target: str) -> Act:
    return lambda desk: retrying.work(desk, target, "dies")


def correct(desk: Desk) -> None:
    """Correct the remedy of the only failure and have it tried, as a person does who saw its first version."""
    (row,) = all_failures(desk)
    review.retry(desk, row.id, actor="operator", remedy=CORRECTED, reason="one more", version=1)


def order_bulk(desk: Desk, action: str = "retry") -> str:
    """Order an act on all failures; returns the operation's id."""
    ids = tuple(row.id for row in all_failures(desk))
    return bulk_orders.start(desk, BulkOrder(action, "operator", "all of them", ids=ids))[0]


take_dead_letters = consume(DEAD, receive_dead_letters)
take_reports = consume(INTAKE, receive_reports)
take_confirmations = consume(CONFIRMATIONS, receive_confirmations)

INTAKE_POINTS = {
    "P1 row": Point(report, our_statement("INSERT INTO reports")),
    "P1 row of a batch": Point(report_batch, our_statement("INSERT INTO failures")),
    "P2 answer": Point(report, ours(1)),
    "P2 answer to a batch": Point(report_batch, ours(1)),
}

KNOWN_POINTS = {
    "P2 answer to a report of a known cause": Point(report, at_commit_of_the_driver, first=know_the_cause),
}

DRAIN_POINTS = {
    "P3 dead letter": Point(take_dead_letters, our_statement("INSERT INTO reports")),
    "P4 dead letter": Point(take_dead_letters, ours(1)),
    "P4 dead letter's acknowledgement": Point(take_dead_letters, acknowledging),
    "P3 report": Point(take_reports, our_statement("INSERT INTO failures")),
    "P4 report": Point(take_reports, ours(1)),
    "P4 report's acknowledgement": Point(take_reports, acknowledging),
}

SENT_POINTS = {
    "P3 return": Point(take_dead_letters, our_statement("UPDATE failures")),
    "P4 return": Point(take_dead_letters, ours(1)),
    "P3 confirmation": Point(take_confirmations, our_statement("UPDATE failures")),
    "P4 confirmation": Point(take_confirmations, ours(1)),
}

STOCK_POINTS = {
    "P5 claim": Point(work(WAREHOUSE_DATABASE), ours(1)),
    "P5 attempt": Point(work(WAREHOUSE_DATABASE), our_statement("INSERT INTO attempts")),
    "P6 marker": Point(work(WAREHOUSE_DATABASE), their_statement(WAREHOUSE_DATABASE, "INSERT INTO applied_operations")),
    "P6 effect": Point(work(WAREHOUSE_DATABASE), their_statement(WAREHOUSE_DATABASE, "UPDATE components")),
    "P7 target's commit": Point(work(WAREHOUSE_DATABASE), theirs(WAREHOUSE_DATABASE, 1)),
    "P7 outcome": Point(work(WAREHOUSE_DATABASE), our_statement("UPDATE attempts")),
    "P7 outcome's commit": Point(work(WAREHOUSE_DATABASE), ours(2)),
}

STATUS_POINTS = {
    "P6 status": Point(work(ORDERS_DATABASE), their_statement(ORDERS_DATABASE, "UPDATE orders")),
    "P7 status": Point(work(ORDERS_DATABASE), theirs(ORDERS_DATABASE, 1)),
}

CALL_POINTS = {"P8 request": Point(work("inventory"), at_request), "P8 outcome": Point(work("inventory"), ours(2))}

SEND_POINTS = {"P9 publish": Point(work(QUEUE), publishing), "P9 outcome": Point(work(QUEUE), ours(2))}

OUTCOME_POINTS = {"P10 outcome of a bulk item": Point(work(WAREHOUSE_DATABASE), ours(2))}

EDIT_POINTS = {
    "P11 edit": Point(correct, our_statement("UPDATE failures")),
    "P11 audit": Point(correct, our_statement("INSERT INTO audit")),
    "P11 retry": Point(correct, ours(1)),
}

FREEZE_POINTS = {
    "P12 frozen set": Point(order_bulk, our_statement("INSERT INTO bulk_items")),
    "P12 order": Point(order_bulk, ours(1)),
}

# The first commit is the look at what is next; then comes one for each item.
MARK_POINTS = {
    "P12 second failure": Point(bulk.run_some, our_statement("UPDATE failures", 2)),
    "P12 second mark": Point(bulk.run_some, our_statement("UPDATE bulk_items", 2)),
    "P12 second item": Point(bulk.run_some, ours(3)),
}

CLOSE_POINTS = {
    "P12 second tombstone": Point(bulk.run_some, theirs(WAREHOUSE_DATABASE, 2)),
    "P12 second closing": Point(bulk.run_some, ours(3)),
}

ALL: dict[str, Point] = (
    INTAKE_POINTS | KNOWN_POINTS | DRAIN_POINTS | SENT_POINTS | STOCK_POINTS | STATUS_POINTS | CALL_POINTS
    | SEND_POINTS | OUTCOME_POINTS | EDIT_POINTS | FREEZE_POINTS | MARK_POINTS | CLOSE_POINTS
)
