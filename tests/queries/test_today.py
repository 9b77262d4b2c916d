"""What was put right today, and by whom."""

from datetime import timedelta

from app.desk import Desk
from app.ids import new_id
from app.models import transitions
from app.queries import totals
from app.queries.today import resolved
from app.services import retrying, returned, review
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure, make_shop, make_stock

HOUR = timedelta(hours=1)


def test_a_consumers_word_counts_for_the_machine_and_a_persons_decision_by_hand(desk: Desk) -> None:
    sent = make_failure(desk, remedy=STATUS_MESSAGE, attempts_made=1)
    with desk.store.write() as session:
        transitions.move_to(session, transitions.read(session, sent), "running", actor="x", action="claimed",
                            now=desk.clock())
    returned.confirm(desk, sent, attempt=1, source=None, actor="orders")
    review.resolve(desk, make_failure(desk), actor="operator", reason="done by phone")
    with desk.store.read() as session:
        today = resolved(session, desk.clock() - HOUR)
    assert (today.by_machine.number, today.by_hand.number) == (1, 1)


def test_what_a_person_corrected_or_asked_for_again_counts_by_hand(desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=20)
    alone, asked, corrected = (
        make_failure(desk, id=new_id(), remedy=STOCK_DECREMENT | {"operationId": new_id()}, status=status)
        for status in ("scheduled", "review", "review")
    )
    few = {"type": "stock_decrement", "orderId": "536365", "components": [{"componentId": "leg", "quantity": 1}]}
    review.retry(desk, asked, actor="operator")
    review.retry(desk, corrected, actor="operator", remedy=few)
    while retrying.work(desk, "warehouse-db", "worker"):
        pass
    with desk.store.read() as session:
        today = resolved(session, desk.clock() - HOUR)
        step = totals.trend(session, desk.clock(), 1, HOUR)[0]
    assert alone and (today.by_machine.number, today.by_hand.number) == (1, 2)
    assert (step.by_machine, step.by_hand) == (1, 2)
