"""What was put right today, and by whom."""

from datetime import timedelta

from app.desk import Desk
from app.models import transitions
from app.queries.today import resolved
from app.services import returned, review
from tests.factories import STATUS_MESSAGE, make_failure

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
