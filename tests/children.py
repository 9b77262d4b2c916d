"""What runs in the processes that tests start."""

from contextlib import closing
from typing import Any

from app.config import load
from app.desk import open_desk
from app.services.intake import receive
from tests.factories import body


def send_report(environment: dict[str, str], barrier: Any, answers: Any) -> None:
    """Report once, at the same moment as the others, and tell the id."""
    with closing(open_desk(load(environment))) as desk:
        barrier.wait(60)
        answers.put(receive(desk, body(), key="k", source="warehouse").id)
