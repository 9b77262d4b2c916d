"""The cells of the matrix: each point, killed before and after it."""

from collections.abc import Mapping

import pytest

from tests.crash.killing import Side
from tests.crash.points import Point

SIDES: tuple[Side, Side] = ("before", "after")
each_side = pytest.mark.parametrize("side", SIDES)


def at(matrix: Mapping[str, Point]) -> pytest.MarkDecorator:
    """Run a test at each of these points."""
    return pytest.mark.parametrize("point", matrix)
