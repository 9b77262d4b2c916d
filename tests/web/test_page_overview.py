"""The overview: every figure leads to a list that counts the same."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.ids import new_id
from app.models import transitions
from app.queries import failures, overview
from app.services import counting, returned, review
from tests.factories import STATUS_MESSAGE, STOCK_DECREMENT, make_failure
from tests.fakes import FakeClock
from tests.queries.counting import counted

ENGLISH = {"Accept-Language": "en"}
FIGURE = re.compile(r'<a class="card desk-figure[^"]*" href="([^"]+)">.*?<span class="number">([^<]+)<', re.DOTALL)


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **columns)


def figures(client: FlaskClient) -> dict[str, str]:
    """Return what stands in each figure, by the address that it links to."""
    found = FIGURE.findall(client.get("/", headers=ENGLISH).text)
    return {unescape(address): number.strip() for address, number in found}


def counted_by(client: FlaskClient, address: str) -> str:
    """Return what a list says of its length."""
    page = client.get(address, headers=ENGLISH).text
    row = re.search(r'id="f-number".*?<td[^>]*>(.*?)</td>', page, re.DOTALL)
    if row is None:
        return "0"
    whole = re.search(r"^(\d+) failures?$|shown of ([\d,]+\+?)$", row[1].strip())
    assert whole, row[1]
    return str(whole[1] or whole[2])


@pytest.fixture
def busy(desk: Desk, clock: FakeClock) -> Desk:
    """A desk where something stands in every figure."""
    for number in range(60):
        make(desk, status="review", ship_by=clock() - timedelta(days=400) if number < 55 else None)
    for _ in range(2):
        make(desk, remedy=STOCK_DECREMENT)
    twice = make(desk, status="review")
    review.resolve(desk, twice, actor="anna", reason="done")
    review.reopen(desk, twice, actor="anna", reason="not yet")
    review.resolve(desk, twice, actor="anna", reason="done")
    for confirmed in (True, False):
        sent = make(desk, remedy=STATUS_MESSAGE, attempts_made=1)
        with desk.store.write() as session:
            transitions.move_to(session, transitions.read(session, sent), "running", actor="x", action="claimed",
                                now=desk.clock())
        if confirmed:
            returned.confirm(desk, sent, attempt=1, source=None, actor="orders")
    return desk


@pytest.mark.parametrize("most", [1000, 3])
def test_every_figure_leads_to_a_list_that_counts_the_same(
    operator: FlaskClient, busy: Desk, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(overview.overview, "__defaults__", (most,))
    monkeypatch.setattr(failures, "MOST_COUNTED", most)
    shown = figures(operator)
    assert len(shown) == 5
    for address, number in shown.items():
        together = str(sum(map(int, number.split(" + ")))) if "+ " in number else number
        listed = counted_by(operator, address)
        assert listed == together or (most == 3 and "+" in number), (address, number, listed)
    if most == 1000:
        assert list(shown.values()) == ["60", "55", "2", "0", "1 + 1"]


def test_a_group_of_the_overview_tells_as_many_open_ones_as_its_page(operator: FlaskClient, busy: Desk) -> None:
    page = operator.get("/", headers=ENGLISH).text
    groups = re.findall(r'href="(/groups/[^"]+)".*?desk-open">([^<]+)<', page, re.DOTALL)
    assert groups
    for address, number in groups:
        assert f"of which {number} open" in operator.get(address, headers=ENGLISH).text


def test_the_largest_groups_are_drawn_and_told_in_words(operator: FlaskClient, busy: Desk, clock: FakeClock) -> None:
    clock.advance(6)
    counting.count(busy)
    for address in ("/", "/groups"):
        page = operator.get(address, headers=ENGLISH).text
        assert re.search(r'<svg class="desk-spark"[^>]* role="img" aria-label="In 24 hours: \d+, at most \d+', page)
        assert " style=" not in page


def test_nothing_to_do_is_said(operator: FlaskClient, desk: Desk) -> None:
    assert "Nothing needs you" in operator.get("/", headers=ENGLISH).text
    make(desk, status="review")
    assert "Nothing needs you" not in operator.get("/", headers=ENGLISH).text


def test_the_statements_do_not_grow_with_what_is_stored(operator: FlaskClient, desk: Desk) -> None:
    numbers = []
    operator.get("/")  # some things are read once
    for letter in "ab":
        for number in range(4):
            make(desk, status="review", error_message=f"cause {letter} {'x' * number}", assignee="operator")
        sent = []
        for address in ("/", "/groups", "/review", "/failures", "/failures?q=5363", "/views", "/groups.csv"):
            with counted(desk) as statements:
                operator.get(address)
            sent.append(len(statements))
        numbers.append(sent)
    assert numbers[0] == numbers[1]
