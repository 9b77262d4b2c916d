"""Where a process may die (reliability notes, section 2, P1–P9): what it does, and how to kill it exactly there.

A point names a moment: `before` kills just before it is reached, `after` as soon as it is over.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal

from sqlalchemy import Engine, event

from app import outgoing
from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.services import retrying
from app.services.dead_letters import receive_dead_letters
from app.services.intake import receive, receive_batch
from app.services.queue_intake import receive_confirmations, receive_reports
from messaging import CONFIRMATIONS, INTAKE
from tests.factories import STOCK_DECREMENT, body

Side = Literal["before", "after"]
Act = Callable[[Desk], object]
Arm = Callable[[Desk, Side], None]

QUEUE = "orders.status"
DEAD = "orders.status.dlq"
REPORT = body(remedy=STOCK_DECREMENT)
BATCH = b'{"failures": [{"idempotencyKey": "k-1", ' + REPORT[1:] + b', {"idempotencyKey": "k-2", ' + REPORT[1:] + b"]}"


@dataclass(frozen=True)
class Point:
    """What the process does, and how it is killed on the way."""

    act: Act
    arm: Arm


def run(point: Point, desk: Desk, side: Side) -> None:
    """Arm the point and act; only a point that is never reached lets this return."""
    point.arm(desk, side)
    point.act(desk)


# How to be killed.


def die(*_: object, **__: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def at_statement(engine: Engine, words: str, side: Side) -> None:
    """Die right before, or right after, a statement that begins with the words."""

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(words):
            die()

    event.listen(engine, "before_cursor_execute" if side == "before" else "after_cursor_execute", look)


def at_commit(engine: Engine, number: int, side: Side) -> None:
    """Die right before, or right after, the engine's commit of this number."""
    commit, counted = engine.dialect.do_commit, [0]

    def count(connection: Any) -> None:
        counted[0] += 1
        if counted[0] == number and side == "before":
            die()
        commit(connection)
        if counted[0] == number:
            die()

    engine.dialect.do_commit = count  # type: ignore[method-assign]


def at_request(_desk: Desk, side: Side) -> None:
    """Die before a request is sent, or when it is sent and its answer not read."""
    if side == "before":
        outgoing._Connection.connect = die  # type: ignore[method-assign]
    else:
        outgoing._Connection.getresponse = die  # type: ignore[method-assign]


def ours(number: int) -> Arm:
    return lambda desk, side: at_commit(desk.store.engine, number, side)


def our_statement(words: str) -> Arm:
    return lambda desk, side: at_statement(desk.store.engine, words, side)


def theirs(target: str, number: int) -> Arm:
    return lambda desk, side: at_commit(desk.targets.store(target).engine, number, side)


def their_statement(target: str, words: str) -> Arm:
    return lambda desk, side: at_statement(desk.targets.store(target).engine, words, side)


def queue_statement(words: str) -> Arm:
    """The embedded broker's own statement; another broker arms its own points."""
    return lambda desk, side: at_statement(desk.broker.store.engine, words, side)  # type: ignore[attr-defined]


def publishing(desk: Desk, side: Side) -> None:
    """The embedded broker confirms by its commit: the first one prepares its tables."""
    at_commit(desk.broker.store.engine, 2, side)  # type: ignore[attr-defined]


# What is done when the process dies.


def report(desk: Desk) -> object:
    return receive(desk, REPORT, key="k-1", source="warehouse")


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


take_dead_letters = consume(DEAD, receive_dead_letters)
take_reports = consume(INTAKE, receive_reports)
take_confirmations = consume(CONFIRMATIONS, receive_confirmations)

INTAKE_POINTS = {
    "P1 row": Point(report, our_statement("INSERT INTO reports")),
    "P1 row of a batch": Point(report_batch, our_statement("INSERT INTO failures")),
    "P2 answer": Point(report, ours(1)),
    "P2 answer to a batch": Point(report_batch, ours(1)),
}

DRAIN_POINTS = {
    "P3 dead letter": Point(take_dead_letters, our_statement("INSERT INTO reports")),
    "P4 dead letter": Point(take_dead_letters, ours(1)),
    "P4 dead letter's acknowledgement": Point(take_dead_letters, queue_statement("DELETE FROM queue_messages")),
    "P3 report": Point(take_reports, our_statement("INSERT INTO failures")),
    "P4 report": Point(take_reports, ours(1)),
    "P4 report's acknowledgement": Point(take_reports, queue_statement("DELETE FROM queue_messages")),
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

ALL: dict[str, Point] = (
    INTAKE_POINTS | DRAIN_POINTS | SENT_POINTS | STOCK_POINTS | STATUS_POINTS | CALL_POINTS | SEND_POINTS
)
