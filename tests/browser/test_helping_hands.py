"""What scripts add for those who work here all day: keys, an effect that is foreseen, a count in the tab, a picture."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.desk import Desk
from app.ids import new_id
from tests.browser.conftest import Site
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock

pytestmark = pytest.mark.browser
SOON = 8_000  # milliseconds


def test_a_list_is_worked_through_by_keys(page: Page, site: Site, desk: Desk) -> None:
    for order in ("1001", "1002"):
        make_failure(desk, id=new_id(), status="review", order_id=order)
    page.goto(f"{site.url}/review")
    for key in "jjkjx":
        page.keyboard.press(key)
    expect(page.locator('input[name="ids"]').nth(1)).to_be_checked()
    expect(page.locator('input[name="ids"]').nth(0)).not_to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator(".desk-what").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/failures/*")
    page.keyboard.press("u")
    page.wait_for_url("**/review")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("jx?")
    expect(page.locator("#search")).to_have_value("jx?")


def test_the_effect_of_a_correction_is_shown_while_it_is_typed(page: Page, site: Site, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=40)
    remedy = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 400}]}
    failure = make_failure(desk, remedy=remedy, status="review")
    page.goto(f"{site.url}/failures/{failure}")
    page.get_by_label("Quantity 1").fill("4")
    expect(page.locator("#effect")).to_contain_text("Would work now", timeout=SOON)
    expect(page.locator("#effect ins").filter(has_text="36")).to_be_visible()
    page.get_by_label("Quantity 1").fill("41")
    expect(page.locator("#effect")).to_contain_text("Would fail now", timeout=SOON)


def test_the_tab_tells_how_many_wait_and_the_overview_draws_the_day(page: Page, site: Site, desk: Desk) -> None:
    make_failure(desk, status="review")
    page.goto(site.url)
    expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=SOON)
    expect(page.locator("#trend canvas")).to_be_visible()
