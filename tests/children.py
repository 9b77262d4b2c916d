"""What runs in the processes that tests start."""

from contextlib import closing
from typing import Any

from app.config import load
from app.desk import open_desk
from app.services import retrying
from app.services.intake import receive
from tests.factories import body


def send_report(environment: dict[str, str], barrier: Any, answers: Any) -> None:
    """Report once, at the same moment as the others, and tell the id."""
    with closing(open_desk(load(environment))) as desk:
        barrier.wait(60)
        answers.put(receive(desk, body(), key="k", source="warehouse").id)


def work_through(environment: dict[str, str], target: str, name: str, barrier: Any) -> None:
    """Work, beginning at the same moment as the others, until nothing that is due is left."""
    with closing(open_desk(load(environment))) as desk:
        barrier.wait(60)
        while retrying.work(desk, target, name):
            pass
