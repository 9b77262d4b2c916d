"""What a case tells of what was done with it: held, under way, corrected, proven."""

import re

import pytest
from flask.testing import FlaskClient

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE
from app.services import retrying, review, targets
from tests import looking
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure, make_order, make_shop, make_stock
from tests.web.forms import ENGLISH, inputs, opened, press

LOST = ORDER_STATUS | {"orderId": "536356"}


def lost(desk: Desk) -> str:
    make_shop(desk)
    make_order(desk, "536365", status="reserved")
    return make_failure(desk, remedy=LOST, status="review", source="orders", operation="order.status",
                        error_type="OrderNotFound", order_id="536356")


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_paused_target_is_told_before_and_after_the_act_and_nothing_offers_to_act_again(
    operator: FlaskClient, desk: Desk
) -> None:
    failure = lost(desk)
    targets.pause(desk, ORDERS_DATABASE, actor="ivanova")
    held = "Held: paused by ivanova: the database of Orders. It goes on when the pause is ended."
    page = opened(operator, failure, "?orderId=536365")
    assert f"{held} What you ask for is done then." in plain(page.text)
    press(operator, f"/failures/{failure}", page, "correct")
    after = opened(operator, failure).text
    assert held in plain(after) and "What to do" not in after
    part = operator.get(f"/failures/{failure}?part=state", headers=ENGLISH | {"HX-Request": "true"}).text
    assert held in plain(part) and "Next attempt" not in part
    targets.resume(desk, ORDERS_DATABASE, actor="ivanova")
    assert "An attempt is on its way. Its result appears here." in opened(operator, failure).text


def test_what_was_corrected_stands_in_the_history_and_the_order_that_was_meant_on_the_case_and_the_other_way_round(
    operator: FlaskClient, desk: Desk
) -> None:
    failure = lost(desk)
    press(operator, f"/failures/{failure}", opened(operator, failure, "?orderId=536365"), "correct")
    assert retrying.work(desk, ORDERS_DATABASE, "worker")
    page = opened(operator, failure).text
    state = plain(page.split('id="state"')[1].split('id="stale"')[0])
    assert "The status of order 536365 is now “paid”." in state and "It is put right." not in state
    assert "Order number: 536356 → 536365" in plain(page.split('id="history"')[1])
    assert "No service knows an order" not in page and "Order 536365 in each service" in page
    assert 'Corrected to</dt><dd><a href="/orders/536365"' in page
    assert "on its way" not in page and "Take it" not in page
    order = operator.get("/orders/536365", headers=ENGLISH).text
    assert f'href="/failures/{failure}"' in order and "Nothing went wrong with it." not in order


def test_an_order_that_is_paid_already_is_not_proposed_and_may_have_been_paid_twice(
    operator: FlaskClient, desk: Desk
) -> None:
    make_shop(desk)
    make_order(desk, "536365", status="paid")
    failure = make_failure(desk, remedy=LOST, status="review", source="orders", operation="order.status",
                           error_type="OrderNotFound", order_id="536356")
    page = opened(operator, failure).text
    line = page.split('class="desk-likely')[1].split("</ul>")[0]
    assert "It is “paid” already: if it is the right one, it may have been paid twice." in line
    assert "btn-primary" not in line
    assert "it may have been paid twice" in opened(operator, failure, "?orderId=536365").text.split('id="effect"')[1]


def test_the_row_of_a_case_proposes_what_its_last_try_calls_for(operator: FlaskClient, desk: Desk) -> None:
    reason = "Not enough of bolt-m8: 3 needed, 1 in stock."
    make_failure(desk, remedy=STOCK_DECREMENT, status="review", reason=reason)
    row = operator.get("/review", headers=ENGLISH).text
    assert "Order 536365 needs 3 of bolt-m8, but only 1 are in stock." in row
    assert "Restock, or take what is there" in row


def test_once_there_is_enough_again_it_is_only_to_be_tried_again(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=10)
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review",
                           reason="Not enough of leg: 4 needed, 1 in stock.")
    page = opened(operator, failure).text
    assert "Suggested: <strong>Try again</strong>" in page and "it takes effect once" in page


def test_what_would_fail_does_not_say_that_it_takes_effect_once(operator: FlaskClient, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=1)
    page = opened(operator, make_failure(desk, remedy=STOCK_DECREMENT, status="review")).text
    assert "Would fail now" in page and "it takes effect once" not in page


def test_who_acts_second_on_a_closed_case_is_not_told_of_a_form_that_is_gone(operator: FlaskClient, desk: Desk) -> None:
    failure = lost(desk)
    page = opened(operator, failure, "?orderId=536365")
    review.resolve(desk, failure, actor="admin", reason="by hand")
    told = press(operator, f"/failures/{failure}", page, "correct", reason="mine").text
    assert "What you typed is kept" not in told and "mine" in told
    assert "Take it" not in told


@pytest.mark.parametrize("act", ["look", "retry", "correct", "resolve"])
def test_the_address_of_an_act_that_is_opened_again_shows_the_case(
    operator: FlaskClient, desk: Desk, act: str
) -> None:
    failure = make_failure(desk, remedy=LOST, status="review")
    answer = operator.get(f"/failures/{failure}/{act}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/failures/{failure}")
    assert operator.get(f"/failures/{failure}/unknown").status_code == 404
    assert inputs(opened(operator, failure).text) and looking.status(desk, failure) == "review"
