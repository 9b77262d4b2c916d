"""A failure's whole life in random order, with a crash possible at every step.

Effects are applied exactly once unless a person closed them before; statuses, orders, history and counts agree.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.desk import Desk
from app.domain.remedy import ORDER_STATUSES, ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.domain.status import CLOSED
from app.errors import AppError
from app.remedies.publish_message import body_of
from app.services import returned, review
from app.services.intake import receive
from app.services.rescue import rescue
from app.services.retrying import due_targets, work
from app.services.targets import probe_due
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Message
from tests.databases import Databases
from tests.factories import body
from tests.looking import all_failures, attempts_of, failure, marker_kind, stored_report
from tests.services.life import ORDERS, QUEUE, Life, pick

ANY = st.integers(0, 1_000_000)
NIGHTLY = settings.get_current_profile_name() == "nightly"
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # durability is not what is tested here


TABLES = {"warehouse": (WAREHOUSE_DATABASE, "components"), "orders": (ORDERS_DATABASE, "orders")}


def reported_status(number: int) -> dict[str, Any]:
    source, to = pick([*combinations(ORDER_STATUSES, 2)], number)
    order = pick(ORDERS, number)
    return {"type": "order_status", "operationId": f"{order}-{to}", "orderId": order, "from": source, "to": to}


REPORTED: dict[str, Callable[[int], dict[str, Any]]] = {
    "stock": lambda number: {"type": "stock_decrement", "operationId": f"op-{number % 3}", "orderId": "1",
                             "components": [{"componentId": "leg", "quantity": 1 + number % 4}]},
    "status": reported_status,
    "message": lambda number: {"type": "publish_message", "queue": QUEUE, "body": {"n": number % 3}},
}


def correct(desk: Desk, failure_id: str, actor: str) -> None:
    """Retry with something changed that may be changed."""
    remedy = dict(failure(desk, failure_id).remedy)
    if remedy["type"] == "stock_decrement":
        remedy["components"] = [{"componentId": "leg", "quantity": 5}]
    elif remedy["type"] == "publish_message":
        remedy.pop("bodyBase64", None)
        remedy["body"] = {"n": "corrected"}
    review.retry(desk, failure_id, actor=actor, remedy=remedy)


ACTS: dict[str, Callable[..., None]] = {
    "retry": review.retry, "correct": correct, "resolve": partial(review.resolve, reason="by hand"),
    "discard": partial(review.discard, reason="not wanted"), "reopen": partial(review.reopen, reason="wanted"),
    "comment": partial(review.comment, text="looked at it"),
}


class LifeMachine(RuleBasedStateMachine):
    """Drives the services; each rule is something that happens to a desk."""

    databases: ClassVar[Databases]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.lent = self.databases.lent(Path(self.folder.name))
        self.life = Life(self.lent.__enter__() | {"DLO_INSTANCE": self.folder.name, "DLO_SECRET_KEY": "of-the-tests"})
        self.desk, self.clock, self.broker = self.life.desk, self.life.clock, self.life.broker

    def teardown(self) -> None:
        self.heal_and_finish()
        self.desk.close()
        self.lent.__exit__(None, None, None)
        self.folder.cleanup()

    # Reports and dead letters come in.

    @rule(kind=st.sampled_from(["stock", "status", "message"]), number=st.integers(0, 14), look=st.booleans())
    def something_is_reported(self, kind: str, number: int, look: bool) -> None:
        key = str(self.life.accepted)
        report = body(orderId=key, clientId=key, remedy=REPORTED[kind](number), review=look)
        receive(self.desk, report, key=key, source="warehouse")
        self.life.accepted += 1

    @rule(number=ANY)
    def report_is_repeated(self, number: int) -> None:
        reported = [row for row in all_failures(self.desk) if row.source == "warehouse"]
        if reported:
            row = pick(reported, number)
            again = receive(self.desk, stored_report(self.desk, row.id).body, key=row.client_id, source="warehouse")
            assert (again.id, again.replayed) == (row.id, True)

    @rule(number=st.integers(0, 5))
    def message_dies(self, number: int) -> None:
        before = len(all_failures(self.desk))
        self.life.expire(Message(b"%d" % number, message_id=f"m-{number}"))
        self.life.accepted += len(all_failures(self.desk)) - before
        assert sum(row.message_id == f"m-{number}" for row in all_failures(self.desk)) == 1

    # Workers work, die, freeze and wake up.

    @rule()
    def workers_work(self) -> None:
        for target in due_targets(self.desk)[0]:
            work(self.desk, target, "works")

    @rule(has_begun=st.booleans())
    def workers_freeze(self, has_begun: bool) -> None:
        for target in due_targets(self.desk)[0]:
            if claimed := self.life.claim(target):
                self.life.run(claimed) if has_begun else self.life.frozen.append(claimed)

    @precondition(lambda self: self.life.frozen)
    @rule(number=ANY)
    def frozen_worker_goes_on(self, number: int) -> None:
        self.life.run(self.life.frozen.pop(number % len(self.life.frozen)))

    @precondition(lambda self: self.life.finished)
    @rule(number=ANY)
    def result_is_recorded_late(self, number: int) -> None:
        self.life.record(*self.life.finished.pop(number % len(self.life.finished)))

    @rule(seconds=st.sampled_from([1, 31, 61, 301]), has_ticks=st.booleans())
    def time_passes(self, seconds: int, has_ticks: bool) -> None:
        self.clock.advance(seconds)
        if has_ticks:
            rescue(self.desk)
            returned.give_up_waiting(self.desk)
            probe_due(self.desk)

    @rule(what=st.sampled_from(["warehouse", "orders", "broker"]), fails=st.booleans())
    def something_fails_or_heals(self, what: str, fails: bool) -> None:
        if what == "broker":
            self.broker.away = fails
        else:
            self.life.fault(*TABLES[what], on=fails)

    # What was sent is taken, confirmed, lost or returned.

    @precondition(lambda self: self.broker.queues[QUEUE])
    @rule(number=ANY, is_confirmed=st.booleans())
    def consumer_takes_a_message(self, number: int, is_confirmed: bool) -> None:
        headers = self.life.take(number).headers
        if is_confirmed:
            self.try_to(returned.confirm, headers[FAILURE_ID], attempt=headers[FAILURE_ATTEMPT], source=None)

    @precondition(lambda self: self.broker.queues[QUEUE])
    @rule(number=ANY)
    def message_expires(self, number: int) -> None:
        message = self.life.take(number)
        row = failure(self.desk, message.headers[FAILURE_ID])
        told = {attempt.number: attempt.outcome for attempt in attempts_of(self.desk, row.id)}
        # One that nobody confirmed in time and that then comes back is a new message: the contract says so.
        is_given_up = told.get(message.headers[FAILURE_ATTEMPT]) == "unconfirmed"
        is_ours = row.status not in CLOSED and message.body == body_of(row.remedy) and not is_given_up
        before = len(all_failures(self.desk))
        self.life.expire(message)
        made = len(all_failures(self.desk)) - before
        assert made == 0 or not is_ours, "a second failure about a message of our own"
        self.life.accepted += made

    # People act, in any status.

    @rule(number=ANY, act=st.sampled_from(["retry", "correct", "resolve", "discard", "reopen", "comment"]))
    def person_acts(self, number: int, act: str) -> None:
        rows = all_failures(self.desk)
        if rows and self.try_to(ACTS[act], pick(rows, number).id):
            row = pick(rows, number)
            if act in ("resolve", "discard"):
                self.life.remember_closing(row)
            elif act == "reopen":
                self.life.forget_closing(row.id)

    def try_to(self, act: Callable[..., None], failure_id: str, **options: Any) -> bool:
        """Act, and tell whether it was done; what is refused must be a clear conflict or fault."""
        try:
            act(self.desk, failure_id, actor="operator", **options)
        except AppError as error:
            assert error.status in (409, 422)
            return False
        return True

    # What must hold.

    @invariant()
    def everything_agrees(self) -> None:
        self.life.check()

    def heal_and_finish(self) -> None:
        """Let everything heal: then every failure comes to an end, and every effect that was said to be there is."""
        for table in TABLES.values():
            self.life.fault(*table, on=False)
        self.broker.away = False
        for _ in range(30):
            self.clock.advance(301)
            rescue(self.desk)
            returned.give_up_waiting(self.desk)
            probe_due(self.desk)
            for target in due_targets(self.desk)[0]:
                work(self.desk, target, "works")
        self.life.check()
        rows = all_failures(self.desk)
        assert {row.status for row in rows} <= {"resolved", "discarded", "review"}
        for row in rows:
            if row.status == "resolved" and row.remedy_type == "stock_decrement":
                assert marker_kind(self.desk, row.remedy["operationId"]) is not None


@pytest.mark.timeout(6 * 3600 if NIGHTLY else 120)
def test_whatever_happens_in_whatever_order_effects_are_exact(databases: Databases) -> None:
    LifeMachine.databases = databases
    run_state_machine_as_test(LifeMachine, settings=settings(
        max_examples=1000 if NIGHTLY else 40, stateful_step_count=50, deadline=None,
        suppress_health_check=list(HealthCheck), print_blob=True,
    ))
