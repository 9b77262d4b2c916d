"""Whatever happens in whatever order: pending + succeeded + failed + skipped = total, and the items say the same."""

import random
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from app.desk import Desk
from app.domain.canary import Canary
from app.errors import Conflict
from app.models.bulk import BulkItem
from app.services import bulk, bulk_steering, retrying, review
from app.services.bulk_orders import BulkOrder, start
from tests.services.bulk.operations import RETRY, attempt_all, make_many, progress, run_all, stock

ITEMS = 12


def assert_adds_up(desk: Desk, bulk_id: str) -> None:
    found = progress(desk, bulk_id)  # which checks the sum
    assert found.total == ITEMS and min(found.pending, found.succeeded, found.failed, found.skipped) >= 0
    with desk.store.read() as session:
        assert session.scalar(select(func.count()).where(BulkItem.bulk_id == bulk_id)) == ITEMS
    assert found.under_way <= found.pending


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_add_up_after_every_step(desk, seed) -> None:
    draw = random.Random(seed)
    stock(desk, draw.choice((0, 20, 1000)))
    made = make_many(desk, ITEMS)
    bulk_id, _ = start(desk, BulkOrder(
        "retry", "anna", "why", filter=RETRY.filter, canary=draw.choice((None, Canary((1, 3), 0.5)))))
    steps = {
        "round": lambda: bulk.run_some(desk),
        "attempt": lambda: retrying.work(desk, "warehouse-db", "worker"),
        "pause": lambda: bulk_steering.pause(desk, bulk_id, actor="anna"),
        "resume": lambda: bulk_steering.resume(desk, bulk_id, actor="anna"),
        "person": lambda: review.resolve(desk, draw.choice(made), actor="boris", reason="by hand"),
        "cancel": lambda: draw.random() < 0.1 and bulk_steering.cancel(desk, bulk_id, actor="anna"),
    }
    for _ in range(40):
        with suppress(Conflict):  # not now: the counts must hold all the same
            steps[draw.choice(list(steps))]()
        assert_adds_up(desk, bulk_id)
    while progress(desk, bulk_id).status in ("paused", "stopped"):
        bulk_steering.resume(desk, bulk_id, actor="anna")
    for _ in range(4):
        run_all(desk)
        attempt_all(desk)
        assert_adds_up(desk, bulk_id)
    assert progress(desk, bulk_id).pending == 0
