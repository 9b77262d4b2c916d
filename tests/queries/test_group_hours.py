"""How often each cause struck in each of the last hours."""

from sqlalchemy import func, select

from app.desk import Desk
from app.models.group import GroupHour
from app.queries import group_hours
from app.services import counting
from tests.factories import make_failure
from tests.fakes import FakeClock
from tests.queries.plans import plans


def shown(desk: Desk, clock: FakeClock) -> list[list[int]]:
    """Return the last three hours of each group, the largest first."""
    with desk.store.read() as session:
        ids = session.scalars(select(GroupHour.group_id).distinct()).all()
        days = group_hours.last_day(session, clock(), ids)
    return sorted((day[-3:] for day in days.values()), reverse=True)


def test_each_cause_has_its_own_hours(desk: Desk, clock: FakeClock) -> None:
    for _ in range(3):
        make_failure(desk, created_at=clock())
    clock.advance(7200)
    make_failure(desk, created_at=clock())
    make_failure(desk, created_at=clock(), source="orders")
    clock.advance(6)
    for _ in range(2):  # twice adds nothing
        counting.count(desk)
    assert shown(desk, clock) == [[3, 0, 1], [0, 0, 1]]
    make_failure(desk, created_at=clock())
    clock.advance(6)
    counting.count(desk)
    assert shown(desk, clock) == [[3, 0, 2], [0, 0, 1]]


def test_old_hours_are_forgotten(desk: Desk, clock: FakeClock) -> None:
    make_failure(desk, created_at=clock())
    clock.advance(6)
    counting.count(desk)
    clock.advance(10 * 86400)
    make_failure(desk, created_at=clock())
    clock.advance(6)
    counting.count(desk)
    with desk.store.read() as session:
        assert session.scalar(select(func.count()).select_from(GroupHour)) == 1


def test_the_hours_are_found_by_an_index(desk: Desk, clock: FakeClock) -> None:
    make_failure(desk)
    clock.advance(6)
    counting.count(desk)
    (plan,) = [plan for statement, plan in plans(desk, lambda: shown(desk, clock)).items() if "hour >=" in statement]
    assert "pk_group_hours" in plan or "autoindex_group_hours" in plan, plan
