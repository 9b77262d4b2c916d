"""A failure whose message was sent again."""

import pytest

from app.desk import Desk
from app.services import retrying
from tests.factories import make_failure
from tests.looking import assert_consistent, status
from tests.services.returned.sending import AS_SENT, QUEUE


@pytest.fixture
def sent(desk: Desk) -> str:
    """A failure whose message was sent again and is not confirmed yet."""
    failure_id = make_failure(desk, remedy=AS_SENT)
    assert retrying.work(desk, QUEUE, "worker")
    assert status(desk, failure_id) == "sent"
    return failure_id


@pytest.fixture(autouse=True)
def everything_agrees(desk: Desk):
    yield
    assert_consistent(desk)
