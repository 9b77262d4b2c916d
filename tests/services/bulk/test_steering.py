"""Pause, resume and cancel."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.domain.canary import Canary
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.models.bulk import BulkOperation
from app.services import bulk, bulk_steering
from app.services.bulk_orders import start
from tests.factories import make_shop
from tests.services.bulk.operations import RESOLVE, RETRY, attempt_all, counts, make_many, run_all, stock


def test_a_pause_holds_the_rest_and_a_resume_goes_on(desk) -> None:
    make_shop(desk)
    make_many(desk, 3)
    bulk_id, _ = start(desk, RESOLVE)
    bulk_steering.pause(desk, bulk_id, actor="anna")
    assert not bulk.run_some(desk)
    assert counts(desk, bulk_id) == ("paused", 3, 0, 0, 0)
    bulk_steering.resume(desk, bulk_id, actor="anna")
    run_all(desk)
    assert counts(desk, bulk_id) == ("done", 0, 3, 0, 0)


def test_a_pause_in_the_middle_of_a_round_is_felt_at_the_next_item(desk, monkeypatch) -> None:
    make_shop(desk)
    make_many(desk, 5)
    bulk_id, _ = start(desk, RESOLVE)
    act, calls = bulk._act, []

    def act_and_pause(*arguments: object) -> None:
        if len(calls) == 2:
            bulk_steering.pause(desk, bulk_id, actor="anna")
        calls.append(1)
        act(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "_act", act_and_pause)
    run_all(desk)
    assert counts(desk, bulk_id) == ("paused", 3, 2, 0, 0)


def test_a_cancel_skips_what_was_not_tried(desk) -> None:
    stock(desk, 1000)
    make_many(desk, 3)
    bulk_id, _ = start(desk, replace(RETRY, canary=Canary((1,), 1.0)))
    run_all(desk)
    bulk_steering.cancel(desk, bulk_id, actor="anna")
    assert counts(desk, bulk_id) == ("cancelled", 1, 0, 0, 2)
    attempt_all(desk)
    run_all(desk)
    assert counts(desk, bulk_id) == ("cancelled", 0, 1, 0, 2)


@pytest.mark.parametrize(
    ("status", "verb"),
    [("done", "pause"), ("done", "resume"), ("done", "cancel"), ("running", "resume"), ("paused", "pause"),
     ("cancelled", "resume"), ("cancelled", "cancel"), ("stopped", "pause")],
)
def test_steering_that_the_status_forbids_is_a_conflict(desk, status, verb) -> None:
    bulk_id, _ = start(desk, RETRY)
    with desk.store.write() as session:
        session.execute(update(BulkOperation).values(status=status))
    with pytest.raises(Conflict) as raised:
        getattr(bulk_steering, verb)(desk, bulk_id, actor="anna")
    assert raised.value.current_status == status
    with pytest.raises(NotFound):
        getattr(bulk_steering, verb)(desk, new_id(), actor="anna")
