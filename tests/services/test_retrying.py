"""Due work: claimed with a lease and a fence, run once, recorded only by whom it still belongs to."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.models.bulk import BulkItem
from app.models.failure import failures
from app.models.policy import RetryPolicy
from app.remedies import Outcome, Result
from app.remedies.stock_decrement import StockDecrement
from app.services import retrying
from app.services.review import retry
from tests.factories import (
    ORDER_STATUS,
    STATUS_MESSAGE,
    STOCK_DECREMENT,
    make_bulk_item,
    make_failure,
    make_order,
    make_shop,
    make_stock,
)
from tests.fakes import FakeBroker, FakeClock
from tests.looking import (
    assert_consistent,
    attempts_of,
    events_of,
    failure,
    outcomes,
    rows,
    status,
    stock,
)

TARGET = "warehouse-db"


@pytest.fixture(autouse=True)
def shop(desk: Desk):
    make_shop(desk)
    make_stock(desk, leg=100)
    yield
    assert_consistent(desk)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    """Make every stock decrement end with the given result; returns what was run."""

    def answer_with(*results: Result | Exception) -> list[Any]:
        ran: list[Any] = []

        def apply(self: StockDecrement, means: Any, run: Any) -> Result:
            ran.append(run)
            result = results[min(len(ran), len(results)) - 1]
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(StockDecrement, "apply", apply)
        return ran

    return answer_with


def decrement(number: int = 1) -> dict[str, Any]:
    return STOCK_DECREMENT | {"operationId": f"op-{number}", "components": [{"componentId": "leg", "quantity": 1}]}


def many(desk: Desk, number: int) -> list[str]:
    return [make_failure(desk, remedy=decrement(each)) for each in range(number)]


def work(desk: Desk, worker: str = "worker-1", **options: Any) -> bool:
    return retrying.work(desk, TARGET, worker, **options)


def test_an_applied_remedy_resolves_its_failure(desk: Desk) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    assert work(desk)
    assert not work(desk)
    row = failure(desk, failure_id)
    assert (row.status, row.attempts_made, row.fence, row.lease_until, stock(desk)) == ("resolved", 1, 1, None, 96)
    (attempt,) = attempts_of(desk, failure_id)
    assert (attempt.outcome, attempt.worker, attempt.actor) == ("applied", "worker-1", "system")
    assert [(event.from_status, event.to_status) for event in events_of(desk, failure_id)] == [
        (None, "scheduled"), ("scheduled", "running"), ("running", "resolved"),
    ]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("applied", "resolved"), ("already_applied", "resolved"), ("superseded", "resolved"), ("sent", "sent"),
     ("passing", "scheduled"), ("permanent", "review")],
)
def test_each_outcome_leads_where_the_contract_says(desk: Desk, answer, outcome: str, expected: str) -> None:
    answer(Result(Outcome(outcome), "because"))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    work(desk)
    assert (status(desk, failure_id), outcomes(desk, failure_id)) == (expected, [outcome])
    assert failure(desk, failure_id).reason == ("because" if expected == "review" else None)


def test_what_is_not_due_is_left_alone(desk: Desk, clock: FakeClock) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, next_attempt_at=clock() + timedelta(seconds=1))
    assert retrying.due_targets(desk) == ([], clock() + timedelta(seconds=1))
    assert not work(desk)
    clock.advance(1)
    assert retrying.due_targets(desk)[0] == [TARGET]
    assert work(desk)
    assert status(desk, failure_id) == "resolved"


def test_a_passing_reason_is_tried_again_by_the_schedule_and_after_eight_needs_a_person(
    desk: Desk, clock: FakeClock, answer
) -> None:
    answer(Result(Outcome.PASSING, "the database is locked"))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    delays = []
    while status(desk, failure_id) == "scheduled":
        assert work(desk)
        due = failure(desk, failure_id).next_attempt_at
        if due is not None:
            delays.append((due - clock()).total_seconds())
            clock.now = due
    assert delays == [10, 20, 40, 80, 160, 300, 300]
    assert outcomes(desk, failure_id) == ["passing"] * 8
    assert failure(desk, failure_id).reason == "All 8 attempts are used up. The last one: the database is locked"


def test_retry_after_is_honoured(desk: Desk, clock: FakeClock, answer) -> None:
    answer(Result(Outcome.PASSING, "429", retry_after=600))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    work(desk)
    assert failure(desk, failure_id).next_attempt_at == clock() + timedelta(seconds=600)


def test_an_administrator_s_policy_rules(desk: Desk, answer) -> None:
    with desk.store.write() as session:
        session.add(RetryPolicy(remedy_type="stock_decrement", base=1, cap=1, attempts=2, factor=1, jitter=False))
    answer(Result(Outcome.PASSING, "no"))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    work(desk)
    assert failure(desk, failure_id).next_attempt_at == desk.clock() + timedelta(seconds=1)
    desk.clock.advance(1)
    work(desk)
    assert status(desk, failure_id) == "review"


def test_a_fault_of_our_own_is_a_result_like_any_other(desk: Desk, answer) -> None:
    answer(KeyError("operationId"))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    work(desk)
    assert (status(desk, failure_id), outcomes(desk, failure_id)) == ("scheduled", ["passing"])


def test_messages_go_out_in_parallel_and_each_once(desk: Desk, broker: FakeBroker) -> None:
    ids = [make_failure(desk, remedy=STATUS_MESSAGE) for _ in range(6)]
    while retrying.work(desk, "orders.status", "worker"):
        pass
    assert [status(desk, each) for each in ids] == ["sent"] * 6
    assert {message.message_id for message in broker.queues["orders.status"]} == {f"dlo-{each}" for each in ids}


def test_the_oldest_due_work_comes_first(desk: Desk, clock: FakeClock, answer) -> None:
    ran = answer(Result(Outcome.APPLIED, "done"))
    ids = [
        make_failure(desk, remedy=decrement(each),
        next_attempt_at=clock() - timedelta(seconds=(each * 7) % 5 + each / 100))
        for each in range(10)
    ]
    due = {each: failure(desk, each).next_attempt_at for each in ids}
    work(desk)
    assert [run.failure_id for run in ran] == sorted(ids, key=lambda each: due[each])


def test_one_target_s_work_is_not_another_s(desk: Desk) -> None:
    make_order(desk, "536365")
    theirs, ours = make_failure(desk, remedy=ORDER_STATUS), make_failure(desk, remedy=STOCK_DECREMENT)
    assert set(retrying.due_targets(desk)[0]) == {"warehouse-db", "orders-db"}
    work(desk)
    assert (status(desk, ours), status(desk, theirs)) == ("resolved", "scheduled")


def test_a_person_s_retry_counts_its_tries_anew_and_is_named_in_its_attempt(desk: Desk, answer) -> None:
    answer(Result(Outcome.PASSING, "no"))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, attempts_counted=7, attempts_made=0)
    retry(desk, failure_id, actor="operator")
    work(desk)
    row = failure(desk, failure_id)
    assert (row.status, row.attempts_counted) == ("scheduled", 1)
    assert attempts_of(desk, failure_id)[0].actor == "operator"


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("applied", "succeeded"), ("already_applied", "succeeded"), ("superseded", "succeeded"), ("sent", "succeeded"),
     ("passing", "failed"), ("permanent", "failed")],
)
def test_a_bulk_operation_is_told_how_its_item_ended(desk: Desk, answer, outcome: str, told: str) -> None:
    answer(Result(Outcome(outcome), "because"))
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT, bulk_id="bulk-1")
    make_bulk_item(desk, failure_id)
    work(desk)
    (item,) = rows(desk, select(BulkItem.outcome, BulkItem.detail))
    assert item == (told, "because")
    assert failure(desk, failure_id).bulk_id is None


def test_a_big_backlog_is_claimed_in_small_batches(desk: Desk, answer) -> None:
    ran = answer(Result(Outcome.APPLIED, "done"))
    many(desk, retrying.BATCH + 5)
    work(desk)
    assert len(ran) == retrying.BATCH
    with desk.store.read() as session:
        assert len(session.execute(select(failures.c.id).where(failures.c.status == "running")).all()) == 0
