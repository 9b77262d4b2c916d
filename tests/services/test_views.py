"""Saved views: a person's own, with names that can be told apart, never too many."""

import pytest
from sqlalchemy import select

from app.desk import Desk
from app.errors import Invalid, NotFound
from app.models.account import UserRow
from app.queries import views as stored
from app.services import views
from tests.services.test_intake_races import at_once
from tests.web.people import make_people

MINE = {"assignee": "operator", "source": "orders"}


@pytest.fixture
def users(desk: Desk) -> dict[str, int]:
    make_people(desk)
    with desk.store.read() as session:
        return {user.username: user.id for user in session.scalars(select(UserRow))}


def kept(desk: Desk, user_id: int) -> list[tuple[str, str, dict[str, str]]]:
    with desk.store.read() as session:
        return [(view.name, view.page, view.narrowed) for view in stored.of(session, user_id)]


def identity(desk: Desk, user_id: int) -> int:
    with desk.store.read() as session:
        return stored.of(session, user_id)[0].id


def test_a_view_is_kept_renamed_and_forgotten(desk: Desk, users: dict[str, int]) -> None:
    me = users["operator"]
    views.save(desk, me, "  My   orders ", "review", MINE)
    assert kept(desk, me) == [("My orders", "review", MINE)]
    view = identity(desk, me)
    views.rename(desk, me, view, "my orders")  # its own name is not taken
    assert kept(desk, me) == [("my orders", "review", MINE)]
    views.delete(desk, me, view)
    assert kept(desk, me) == []
    with pytest.raises(NotFound):
        views.rename(desk, me, view, "gone")


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb"])
def test_a_name_can_be_read(desk: Desk, users: dict[str, int], name: str) -> None:
    with pytest.raises(Invalid, match="a view needs a name"):
        views.save(desk, users["operator"], name, "review", MINE)


def test_two_views_of_a_person_never_share_a_name(desk: Desk, users: dict[str, int]) -> None:
    me = users["operator"]
    views.save(desk, me, "Urgent", "review", MINE)
    views.save(desk, me, "Other", "review", MINE)
    for act in (lambda: views.save(desk, me, "uRgent", "failures", MINE),
                lambda: views.rename(desk, me, identity(desk, me), "Urgent")):
        with pytest.raises(Invalid, match="another view"):
            act()
    views.save(desk, users["admin"], "Urgent", "review", MINE)


def test_nobody_touches_anothers_views(desk: Desk, users: dict[str, int]) -> None:
    views.save(desk, users["operator"], "Urgent", "review", MINE)
    view = identity(desk, users["operator"])
    for act in (lambda: views.rename(desk, users["admin"], view, "x"),
                lambda: views.delete(desk, users["admin"], view)):
        with pytest.raises(NotFound):
            act()


def test_there_are_never_too_many(desk: Desk, users: dict[str, int]) -> None:
    me = users["operator"]
    for number in range(views.MOST):
        views.save(desk, me, f"view {number}", "review", MINE)
    with pytest.raises(Invalid, match="already"):
        views.save(desk, me, "one more", "review", MINE)


@pytest.mark.parametrize("page, narrowed", [
    ("review", {}), ("audit", MINE), ("review", {"nonsense": "1"}), ("review", {"status": "nonsense"}),
])
def test_only_filters_that_a_list_takes_are_kept(
    desk: Desk, users: dict[str, int], page: str, narrowed: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        views.save(desk, users["operator"], "x", page, narrowed)


def test_of_many_that_are_saved_at_once_no_more_are_kept_than_there_may_be(desk: Desk, users: dict[str, int]) -> None:
    me = users["operator"]
    for number in range(views.MOST - 3):
        views.save(desk, me, f"view {number}", "review", MINE)

    def click(number: int) -> str:
        try:
            views.save(desk, me, f"Urgent {number}", "review", MINE)
        except Invalid as error:
            return error.faults[0].detail
        return "saved"

    answers = at_once(click)
    assert answers.count("saved") == 3 and set(answers) == {"saved", views.FULL}
    assert len(kept(desk, me)) == views.MOST
