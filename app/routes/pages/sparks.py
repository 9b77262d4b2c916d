"""Small pictures of the last 24 hours, drawn here: one path each, and the same in words."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries import group_hours
from app.queries.groups import GroupRow
from app.routes.context import current_desk

STEP, HEIGHT = 4, 24  # units of the picture: the width of an hour, the height of the largest


class Spark(NamedTuple):
    """A picture, as the outline of its bars with a gap between them, and what it shows."""

    path: str
    width: int
    total: int
    peak: int


def of_groups(session: Session, groups: Iterable[GroupRow]) -> dict[str, Spark]:
    """Draw how often each of the groups struck, by its id."""
    hours = group_hours.last_day(session, current_desk().clock(), [group.id for group in groups])
    return {group_id: spark(numbers) for group_id, numbers in hours.items()}


def spark(numbers: Sequence[int]) -> Spark:
    """Draw one bar for each number, the largest as high as the picture."""
    peak = max(numbers, default=0)
    tops = [HEIGHT - _height(number, peak) for number in numbers]
    outline = "".join(f"V{top}h{STEP - 1}V{HEIGHT}h1" for top in tops)
    return Spark(f"M0 {HEIGHT}{outline}z", STEP * len(tops), sum(numbers), peak)


def _height(number: int, peak: int) -> int:
    # one is seen beside a thousand
    return max(2, round(HEIGHT * number / peak)) if number else 0
