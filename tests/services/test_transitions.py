"""The writers of status: what was read before another wrote is never written over."""

import pytest
from sqlalchemy import update

from app.desk import Desk
from app.domain.status import Status
from app.errors import Conflict
from app.models import transitions
from app.models.failure import failures
from tests.factories import STOCK_DECREMENT, make_failure
from tests.looking import assert_consistent, status


@pytest.mark.parametrize("act", ["move", "note"])
def test_a_change_by_whoever_read_an_older_version_is_a_conflict_and_rolls_back(desk: Desk, act: str) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    with pytest.raises(Conflict, match="faster"), desk.store.write() as session:
        failure = transitions.read(session, failure_id)
        # another's commit, as an engine that locks less than SQLite would let it through
        session.execute(update(failures).values(version=7), execution_options={"synchronize_session": False})
        if act == "move":
            transitions.move_to(session, failure, Status.RESOLVED, actor="x", action="resolve", now=desk.clock())
        else:
            transitions.note(session, failure, actor="x", action="comment", now=desk.clock())
    assert status(desk, failure_id) == "scheduled"
    assert_consistent(desk)


def test_a_transition_that_no_failure_s_life_knows_is_a_conflict(desk: Desk) -> None:
    failure_id = make_failure(desk, remedy=STOCK_DECREMENT)
    with pytest.raises(Conflict, match="cannot become"), desk.store.write() as session:
        failure = transitions.read(session, failure_id)
        transitions.move_to(session, failure, Status.SENT, actor="x", action="x", now=desk.clock())
    assert status(desk, failure_id) == "scheduled"
