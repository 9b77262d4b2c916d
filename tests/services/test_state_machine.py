"""A failure's whole life in random order, with a crash possible at every step.

Effects are applied exactly once unless a person closed them before; statuses, orders, history and counts agree.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.domain.remedy import ORDER_STATUSES, ORDERS_DATABASE, WAREHOUSE_DATABASE
from app.domain.status import CLOSED
from app.errors import AppError
from app.models.claims import Claimed
from app.remedies.publish_message import body_of
from app.services import returned, review
from app.services.intake import receive
from app.services.rescue import rescue
from app.services.retrying import due_targets, work
from app.services.targets import probe_due
from messaging import FAILURE_ATTEMPT, FAILURE_ID, Message
from tests.databases import Databases
from tests.factories import body
from tests.looking import all_failures, failure, marker_kind, stored_report
from tests.services.life import ORDERS, QUEUE, Life, pick

ANY = st.integers(0, 1_000_000)
NIGHTLY = settings.get_current_profile_name() == "nightly"
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # durability is not what is tested here


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

    @rule(operation=st.sampled_from(["op-1", "op-2", "op-3"]), quantity=st.integers(1, 3), look=st.booleans())
    def stock_is_reported(self, operation: str, quantity: int, look: bool) -> None:
        parts = [{"componentId": "leg", "quantity": quantity}]
        self.report({"type": "stock_decrement", "operationId": operation, "orderId": "1", "components": parts}, look)

    @rule(order=st.sampled_from(ORDERS), start=st.integers(0, 4), steps=st.integers(1, 5))
    def status_is_reported(self, order: str, start: int, steps: int) -> None:
        to = ORDER_STATUSES[min(start + steps, 5)]
        self.report({"type": "order_status", "operationId": f"{order}-{to}", "orderId": order,
                     "from": ORDER_STATUSES[start], "to": to})

    @rule(number=st.integers(0, 2))
    def message_is_reported(self, number: int) -> None:
        self.report({"type": "publish_message", "queue": QUEUE, "body": {"n": number}})

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

    def report(self, remedy: dict[str, Any], look: bool = False) -> None:
        key = str(self.life.accepted)
        receive(self.desk, body(orderId=key, clientId=key, remedy=remedy, review=look), key=key, source="warehouse")
        self.life.accepted += 1

    # Workers work, die, freeze and wake up.

    @rule()
    def worker_works(self) -> None:
        for target in due_targets(self.desk)[0]:
            work(self.desk, target, "works")

    @rule()
    def worker_freezes_before_it_begins(self) -> None:
        self.life.frozen += self.claimed()

    @rule()
    def worker_freezes_before_it_records(self) -> None:
        for claimed in self.claimed():
            self.life.run(claimed)

    def claimed(self) -> list[Claimed]:
        return [claimed for target in due_targets(self.desk)[0] if (claimed := self.life.claim(target))]

    @precondition(lambda self: self.life.frozen)
    @rule(number=ANY)
    def frozen_worker_goes_on(self, number: int) -> None:
        claimed = pick(self.life.frozen, number)
        self.life.frozen.remove(claimed)
        self.life.run(claimed)

    @precondition(lambda self: self.life.finished)
    @rule(number=ANY)
    def result_is_recorded_late(self, number: int) -> None:
        ended = pick(self.life.finished, number)
        self.life.finished.remove(ended)
        self.life.record(*ended)

    @rule(seconds=st.sampled_from([1, 31, 61, 301]), is_rescued=st.booleans())
    def time_passes(self, seconds: int, is_rescued: bool) -> None:
        self.clock.advance(seconds)
        if is_rescued:
            rescue(self.desk)

    @rule(table=st.sampled_from([(WAREHOUSE_DATABASE, "components"), (ORDERS_DATABASE, "orders")]), on=st.booleans())
    def database_fails_or_heals(self, table: tuple[str, str], on: bool) -> None:
        self.life.fault(*table, on=on)

    @rule(away=st.booleans())
    def broker_goes_or_comes(self, away: bool) -> None:
        self.broker.away = away

    @rule()
    def targets_are_probed(self) -> None:
        probe_due(self.desk)

    # What was sent is taken, confirmed, lost or returned.

    @precondition(lambda self: self.broker.queues[QUEUE])
    @rule(number=ANY, is_confirmed=st.booleans())
    def consumer_takes_a_message(self, number: int, is_confirmed: bool) -> None:
        message = self.take(number)
        self.life.processed.add(str(message.message_id))
        if is_confirmed:
            named = message.headers[FAILURE_ID], message.headers[FAILURE_ATTEMPT]
            self.try_to(returned.confirm, named[0], attempt=named[1], source=None)

    @precondition(lambda self: self.broker.queues[QUEUE])
    @rule(number=ANY)
    def message_expires(self, number: int) -> None:
        message = self.take(number)
        row = failure(self.desk, message.headers[FAILURE_ID])
        is_ours = row.status not in CLOSED and message.body == body_of(row.remedy)
        before = len(all_failures(self.desk))
        self.life.expire(message)
        made = len(all_failures(self.desk)) - before
        assert made == 0 or not is_ours, "a second failure about a message of our own"
        self.life.accepted += made

    @rule()
    def nobody_confirms(self) -> None:
        returned.give_up_waiting(self.desk)

    def take(self, number: int) -> Message:
        message: Message = pick(self.broker.queues[QUEUE], number)
        self.broker.queues[QUEUE].remove(message)
        return message

    # People act, in any status.

    @rule(number=ANY)
    def person_retries(self, number: int) -> None:
        self.act(number, review.retry)

    @rule(number=ANY, quantity=st.integers(1, 5))
    def person_corrects(self, number: int, quantity: int) -> None:
        def correct(desk: Any, failure_id: str, actor: str) -> None:
            remedy = dict(failure(desk, failure_id).remedy or {})
            if remedy["type"] == "stock_decrement":
                remedy["components"] = [{"componentId": "leg", "quantity": quantity}]
            elif remedy["type"] == "publish_message":
                remedy.pop("bodyBase64", None)
                remedy["body"] = {"n": quantity}
            review.retry(desk, failure_id, actor=actor, remedy=remedy)

        self.act(number, correct)

    @rule(number=ANY)
    def person_resolves(self, number: int) -> None:
        if row := self.act(number, review.resolve, reason="by hand"):
            self.life.remember_closing(row)

    @rule(number=ANY)
    def person_discards(self, number: int) -> None:
        if row := self.act(number, review.discard, reason="not wanted"):
            self.life.remember_closing(row)

    @rule(number=ANY)
    def person_reopens(self, number: int) -> None:
        if row := self.act(number, review.reopen, reason="wanted after all"):
            self.life.forget_closing(row.id)

    @rule(number=ANY)
    def person_comments(self, number: int) -> None:
        self.act(number, review.comment, text="looked at it")

    def act(self, number: int, verb: Callable[..., None], **options: Any) -> Any:
        """Let a person act on some failure; return it, or None when the act was refused."""
        rows = all_failures(self.desk)
        row = pick(rows, number) if rows else None
        return row if row is not None and self.try_to(verb, row.id, **options) else None

    def try_to(self, verb: Callable[..., None], failure_id: str, **options: Any) -> bool:
        try:
            verb(self.desk, failure_id, actor="operator", **options)
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
        for target in ((WAREHOUSE_DATABASE, "components"), (ORDERS_DATABASE, "orders")):
            self.life.fault(*target, on=False)
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
