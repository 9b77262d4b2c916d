"""The process that dies."""

from datetime import datetime

from tests.crash import points
from tests.crash.surroundings import Surroundings


def act_and_die(environment: dict[str, str], moment: datetime, point: str, side: points.Side) -> None:
    """Do what the point says, until it kills."""
    with Surroundings(environment).desk(lambda: moment) as desk:
        points.run(points.ALL[point], desk, side)
