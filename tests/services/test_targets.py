"""Targets: what waits for one is held and not burnt, one probe and one trial at a time, and a rate over all workers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from app.desk import Desk
from app.domain.breaker import FIRST_PAUSE, LONGEST_PAUSE
from app.errors import NotFound
from app.models.audit import AuditEntry
from app.models.target import Target
from app.remedies import Outcome, Result
from app.remedies.stock_decrement import StockDecrement
from app.services import retrying, targets
from tests.factories import STOCK_DECREMENT, make_failure
from tests.fakes import FakeClock
from tests.looking import all_failures, assert_consistent, rows, status

TARGET = "warehouse-db"
AWAY = Result(Outcome.PASSING, "nobody there", unavailable=True)
THERE = Result(Outcome.APPLIED, "done")


@pytest.fixture(autouse=True)
def everything_agrees(desk: Desk):
    yield
    assert_consistent(desk)


class Warehouse:
    """The target as tests want it: `is_there` or not; `calls` counts what reached it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_there, self.calls, self.knocks = True, 0, 0
        self.during: Any = lambda: None
        monkeypatch.setattr(StockDecrement, "apply", lambda *_: self.called())
        monkeypatch.setattr(targets, "_knock", lambda *_: self.knocked())

    def called(self) -> Result:
        self.calls += 1
        self.during()
        return THERE if self.is_there else AWAY

    def knocked(self) -> str | None:
        self.knocks += 1
        self.during()
        return None if self.is_there else "nobody there"


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    return Warehouse(monkeypatch)


def many(desk: Desk, number: int) -> list[str]:
    return [make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": f"op-{each}"}) for each in range(number)]


def row(desk: Desk) -> Target:
    with desk.store.read() as session:
        return session.get_one(Target, TARGET)


def work(desk: Desk, worker: str = "worker-1") -> bool:
    return retrying.work(desk, TARGET, worker)


def opened(desk: Desk, warehouse: Warehouse, clock: FakeClock) -> list[str]:
    """Make failures whose attempts open the breaker."""
    ids = many(desk, 10)
    warehouse.is_there = False
    while work(desk):
        clock.advance(400)  # everything is due again
    assert row(desk).state == "open"
    return ids


def attempts_made(desk: Desk) -> int:
    return sum(failure.attempts_made for failure in all_failures(desk))


def test_a_target_that_is_away_is_called_no_more_and_no_attempt_is_burnt(
    desk: Desk, warehouse: Warehouse, clock: FakeClock
) -> None:
    ids = opened(desk, warehouse, clock)
    calls, made = warehouse.calls, attempts_made(desk)
    assert calls <= 8
    for _ in range(20):
        assert not work(desk)
        assert TARGET not in retrying.due_targets(desk)[0]
        clock.advance(60)
    assert (warehouse.calls, attempts_made(desk)) == (calls, made)
    assert {status(desk, each) for each in ids} == {"scheduled"}


def test_it_is_probed_until_it_is_back_and_then_tried_with_one_and_drained(
    desk: Desk, warehouse: Warehouse, clock: FakeClock
) -> None:
    opened(desk, warehouse, clock)
    assert targets.probe_due(desk)
    assert row(desk).state == "open"
    assert not targets.probe_due(desk)  # not before its pause is over
    clock.advance(10)
    warehouse.is_there = True
    assert targets.probe_due(desk)
    assert row(desk).state == "half_open"
    calls = warehouse.calls
    assert work(desk)
    assert (warehouse.calls, row(desk).state) == (calls + 1, "closed")
    while work(desk):
        pass
    assert {failure.status for failure in all_failures(desk)} == {"resolved"}


def test_while_half_open_one_worker_tries_one_piece_of_work(desk: Desk, warehouse: Warehouse, clock: FakeClock) -> None:
    opened(desk, warehouse, clock)
    warehouse.is_there = True
    targets.probe(desk, TARGET)
    calls, rivals = warehouse.calls, []

    def rival() -> None:
        warehouse.during = lambda: None
        rivals.extend([work(desk, "worker-2"), TARGET in retrying.due_targets(desk)[0]])

    warehouse.during = rival
    assert work(desk)
    assert rivals == [False, False]
    assert warehouse.calls == calls + 1


def test_a_trial_that_fails_opens_it_for_longer(desk: Desk, warehouse: Warehouse, clock: FakeClock) -> None:
    opened(desk, warehouse, clock)
    warehouse.is_there = True
    targets.probe(desk, TARGET)
    warehouse.is_there = False
    assert work(desk)
    assert LONGEST_PAUSE > FIRST_PAUSE
    assert (row(desk).state, row(desk).open_until) == ("open", clock() + timedelta(seconds=LONGEST_PAUSE))


def test_a_trial_whose_worker_died_is_given_to_another_when_the_lease_is_over(
    desk: Desk, warehouse: Warehouse, clock: FakeClock
) -> None:
    opened(desk, warehouse, clock)
    warehouse.is_there = True
    targets.probe(desk, TARGET)
    assert len(retrying._claim(desk, TARGET, "dies", 20)) == 1
    assert not work(desk)
    clock.advance(30)
    assert work(desk)
    assert row(desk).state == "closed"


def test_half_open_without_work_grants_the_trial_to_whoever_has_some(
    desk: Desk, warehouse: Warehouse, clock: FakeClock
) -> None:
    opened(desk, warehouse, clock)
    warehouse.is_there = True
    targets.probe(desk, TARGET)
    clock.now -= timedelta(days=30)  # nothing is due
    assert not work(desk)
    clock.now += timedelta(days=30)
    assert work(desk)


def test_one_probe_runs_at_a_time_over_all_workers(desk: Desk, warehouse: Warehouse, clock: FakeClock) -> None:
    opened(desk, warehouse, clock)
    rivals = []

    def rival() -> None:
        warehouse.during = lambda: None
        rivals.extend([targets.probe(desk, TARGET), targets.probe_due(desk)])

    warehouse.during = rival
    targets.probe(desk, TARGET)
    assert rivals == [False, False]  # nor does its tick spin while the other waits for an answer
    assert warehouse.knocks == 1


def test_a_probe_whose_worker_died_is_repeated_after_its_lease(desk: Desk, warehouse: Warehouse,
clock: FakeClock) -> None:
    opened(desk, warehouse, clock)
    assert targets._take_probe(desk, TARGET)
    assert not targets.probe_due(desk)
    clock.advance(15)
    assert targets.probe_due(desk)
    assert warehouse.knocks == 1


def test_a_paused_target_holds_its_work_until_it_is_resumed(desk: Desk, warehouse: Warehouse) -> None:
    ids = many(desk, 3)
    targets.pause(desk, TARGET, actor="admin")
    assert not work(desk)
    assert retrying.due_targets(desk) == ([], None)
    targets.resume(desk, TARGET, actor="admin")
    assert retrying.due_targets(desk)[0] == [TARGET]
    assert work(desk)
    assert {status(desk, each) for each in ids} == {"resolved"}
    assert [entry.action for entry in rows(desk, select(AuditEntry.action))] == ["target.pause", "target.resume"]


def test_a_pause_holds_though_the_breaker_closes(desk: Desk, warehouse: Warehouse, clock: FakeClock) -> None:
    opened(desk, warehouse, clock)
    targets.pause(desk, TARGET, actor="admin")
    warehouse.is_there = True
    targets.probe(desk, TARGET)
    assert not work(desk)


@pytest.mark.parametrize("act", [targets.pause, targets.resume, targets.probe])
def test_a_target_that_does_not_exist_is_not_found(desk: Desk, act: Any) -> None:
    with pytest.raises(NotFound):
        act(desk, "nowhere", actor="admin")


def test_a_person_s_probe_of_a_healthy_target_opens_nothing_and_is_audited(desk: Desk, warehouse: Warehouse) -> None:
    warehouse.is_there = False
    assert not targets.probe(desk, TARGET, actor="admin")
    assert (row(desk).state, row(desk).last_error) == ("closed", "nobody there")
    assert [entry.action for entry in rows(desk, select(AuditEntry.action))] == ["target.probe"]


def test_answers_of_any_kind_leave_the_breaker_closed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StockDecrement, "apply", lambda *_: Result(Outcome.PERMANENT, "404"))
    many(desk, 40)
    while work(desk):
        pass
    assert rows(desk, select(Target.name)) == []  # a healthy target costs no write


class TestRated:
    """A target that takes ten attempts a second."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        limited = {"warehouse-db": {"url": environment["WAREHOUSE_DATABASE_URL"], "ratePerSecond": 10}}
        return environment | {"DLO_TARGETS": json.dumps(limited)}

    def test_two_workers_together_stay_below_the_rate(self, desk: Desk, warehouse: Warehouse, clock: FakeClock) -> None:
        many(desk, 100)
        for tick in range(200):
            work(desk, f"worker-{tick % 2}")
            clock.advance(0.01)
        assert 20 <= warehouse.calls <= 22

    def test_the_next_free_slot_is_told_so_that_nobody_sleeps_through_it(
        self, desk: Desk, warehouse: Warehouse, clock: FakeClock
    ) -> None:
        many(desk, 3)
        work(desk)
        assert retrying.due_targets(desk) == ([], clock() + timedelta(seconds=0.1))

    def test_an_idle_hour_earns_no_burst(self, desk: Desk, warehouse: Warehouse, clock: FakeClock) -> None:
        many(desk, 50)
        work(desk)
        clock.advance(3600)
        while work(desk):
            pass
        assert warehouse.calls <= 5


def test_an_outcome_is_recorded_though_another_worker_makes_the_row_of_its_target_just_now(
    desk: Desk, warehouse: Warehouse
) -> None:
    if desk.store.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    warehouse.is_there = False
    (failure_id,) = many(desk, 1)
    others: list[str] = []

    def be_faster(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO targets") and not others:
            others.append(TARGET)
            targets.pause(desk, TARGET, actor="admin")

    event.listen(desk.store.engine, "before_cursor_execute", be_faster)
    assert retrying.work(desk, TARGET, "worker")
    assert (others, status(desk, failure_id)) == ([TARGET], "scheduled")
    (target,) = rows(desk, select(Target.paused, Target.errors_in_a_row))
    assert target == (True, 1)
