"""Two clicks, or two people, on one case."""

import re
from concurrent.futures import ThreadPoolExecutor

from flask.testing import FlaskClient

from app.desk import Desk
from app.domain.remedy import WAREHOUSE_DATABASE
from app.models.attempt import Attempt
from app.services import retrying, review
from tests import looking
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure, make_shop, make_stock
from tests.web.forms import ENGLISH, opened, press
from tests.web.people import token


def test_a_second_click_sends_nothing_twice_and_says_so(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=10)
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    page = opened(operator, failure)
    first, second = (press(operator, f"/failures/{failure}", page, "correct") for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "You have done this already. Nothing was done twice." in second.text
    retrying.work(desk, WAREHOUSE_DATABASE, "worker")
    third = press(operator, f"/failures/{failure}", page, "correct")
    assert third.status_code == 409 and "You have done this already" in third.text
    assert len(looking.attempts_of(desk, failure)) == 1 and looking.stock(desk) == 6


def test_of_two_clicks_at_the_same_moment_one_counts(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    page = opened(operator, failure)
    cookie = operator.get_cookie("dlo")
    assert cookie is not None

    def click(_: int) -> int:
        tab = operator.application.test_client()
        tab.set_cookie("dlo", cookie.value)
        return press(tab, f"/failures/{failure}", page, "correct").status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == [303, 409, 409, 409]
    assert looking.actions(desk, failure).count("retry") == 1


def test_who_acts_second_is_told_what_changed_and_how_it_is_now(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    page = opened(operator, failure)
    review.assign(desk, failure, actor="admin", assignee="admin")
    review.resolve(desk, failure, actor="admin", reason="counted by hand")
    answer = press(operator, f"/failures/{failure}", page, "correct", reason="my reason")
    assert answer.status_code == 409 and "Somebody was faster. Nothing was done." in answer.text
    told = " ".join(re.sub(r"<[^>]+>", " ", answer.text.split("desk-trouble")[1].split("</section>")[0]).split())
    assert "admin · Given to admin" in told and "admin · Resolved by hand: counted by hand" in told
    assert "Now: Resolved admin has it" in told and "my reason" in told


def test_what_the_target_does_not_allow_now_is_not_blamed_on_somebody_else(operator: FlaskClient, desk: Desk) -> None:
    failure = make_failure(desk, remedy=ORDER_STATUS, status="review", attempts_made=1)
    with desk.store.write() as session:
        session.add(Attempt(failure_id=failure, number=1, started_at=desk.clock(), actor="system", fence=1, worker="w",
                            outcome="abandoned", finished_at=desk.clock()))
    page = opened(operator, failure)
    answer = operator.post(f"/failures/{failure}/resolve", headers=ENGLISH, data={
        "csrf_token": token(page), "reason": "by hand", "seen": "1", "version": "1"})
    assert answer.status_code == 409 and "Somebody was faster" not in answer.text
    assert "Not reached: the database of Orders. An earlier attempt may still be under way there" in answer.text
