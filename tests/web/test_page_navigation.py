"""The navigation marks where a page belongs."""

import re

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from tests.factories import STOCK_DECREMENT, make_failure


@pytest.mark.parametrize(("status", "marked"), [("review", "/review"), ("resolved", "/failures")])
def test_a_case_belongs_to_the_list_that_it_stands_in(
    operator: FlaskClient, desk: Desk, status: str, marked: str
) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status=status)
    assert here(operator.get(f"/failures/{failure}").text) == [marked]


@pytest.mark.parametrize("address", ["/", "/review", "/failures", "/groups"])
def test_a_list_marks_itself(operator: FlaskClient, address: str) -> None:
    assert here(operator.get(address).text) == [address]


def here(page: str) -> list[str]:
    """Return the addresses that the navigation marks."""
    return re.findall(r'<a href="([^"]+)" aria-current="page"', page)
