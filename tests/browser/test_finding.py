"""Finding a case among many: suggestions by keyboard, views of one's own, a list that moves under nobody's eyes."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from app.clock import utcnow
from app.desk import Desk
from app.ids import new_id
from app.services import counting
from tests.browser.accessibility import violations
from tests.browser.conftest import Site, sign_in
from tests.factories import make_failure
from tests.fakes import FakeClock

pytestmark = pytest.mark.browser
SOON = 8_000  # milliseconds: a list refreshes within 5 s, on a machine that is busy with other tests


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **({"status": "review"} | columns))


def test_an_order_is_found_by_its_first_figures_and_the_keyboard_alone(page: Page, site: Site, desk: Desk) -> None:
    for order in ("536365", "536366"):
        make(desk, order_id=order)
    page.goto(f"{site.url}/groups")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Find an order")
    expect(box).to_be_focused()
    page.keyboard.type("5363")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible(timeout=SOON)
    expect(page.get_by_role("option", name="536366")).to_be_visible()
    expect(page.locator("#suggested")).to_have_text("Suggestions: 3")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option", selected=True)).to_contain_text("All failures with “5363”")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("536365")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("5363")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/536366")


def test_the_suggestions_work_beside_the_chart_of_the_overview(page: Page, site: Site, desk: Desk) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    make(desk, order_id="536365")
    page.goto(site.url)
    expect(page.locator("#trend canvas")).to_be_visible()
    page.get_by_role("combobox", name="Find an order").press_sequentially("5363")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible(timeout=SOON)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/536365")
    assert faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_is_usable_by_everybody(page: Page, site: Site, desk: Desk, clock: FakeClock, scheme: str) -> None:
    for order in ("536365", "536366"):
        make(desk, order_id=order, ship_by=desk.clock() - timedelta(minutes=30))
    clock.advance(6)
    counting.count(desk)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(site.url)
    expect(page.locator("svg.desk-spark")).to_have_count(1)
    assert violations(page) == []
    page.goto(f"{site.url}/review?source=warehouse")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_text("Save this view").click()
    page.get_by_role("combobox", name="Find an order").fill("5363")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible(timeout=SOON)
    page.keyboard.press("ArrowDown")
    assert violations(page) == []


def test_enter_without_a_choice_searches(page: Page, site: Site, desk: Desk) -> None:
    wanted = make(desk, order_id="777")
    make(desk, order_id="1")
    page.get_by_role("combobox").fill("777")
    page.keyboard.press("Enter")
    page.wait_for_url("**/failures?q=777")
    expect(page.locator(f"#f-{wanted}")).to_be_visible()
    expect(page.locator("tr[id^=f-0]")).to_have_count(1)


def test_a_view_is_saved_and_a_click_away(page: Page, site: Site, desk: Desk) -> None:
    wanted = make(desk, source="orders", order_id="1001")
    other = make(desk, order_id="1002")
    page.goto(f"{site.url}/review")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Source").fill("orders")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Orders only")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{site.url}/review")
    expect(page.locator(f"#f-{other}")).to_be_visible()
    page.get_by_role("link", name="Orders only").click()
    expect(page.locator(f"#f-{wanted}")).to_be_visible()
    expect(page.locator(f"#f-{other}")).to_have_count(0)
    page.get_by_role("link", name="Source: orders").click()
    expect(page.locator(f"#f-{other}")).to_be_visible()


def test_a_more_urgent_case_appears_and_moves_nothing_that_is_being_read(page: Page, site: Site, desk: Desk) -> None:
    read = make(desk, order_id="1001", ship_by=utcnow() + timedelta(hours=3))
    make(desk, order_id="1002")
    page.goto(f"{site.url}/review")
    row = page.locator(f"#f-{read}")
    row.hover()
    place = row.bounding_box()
    urgent = make(desk, order_id="1003", ship_by=utcnow() + timedelta(hours=1))
    expect(page.locator(f"#f-{urgent}")).to_be_attached(timeout=SOON)
    assert place and row.bounding_box() == pytest.approx(place, abs=1)


def test_what_is_new_out_of_sight_is_told_and_a_click_away(page: Page, site: Site, desk: Desk) -> None:
    shown = [make(desk, order_id=f"2{number}") for number in range(30)]
    page.goto(f"{site.url}/review")
    read = page.locator(f"#f-{shown[-1]}")
    read.scroll_into_view_if_needed()
    place = read.bounding_box()
    urgent = make(desk, order_id="1002", ship_by=utcnow() + timedelta(hours=1))
    bar = page.get_by_role("button", name="New: 1")
    expect(bar).to_be_visible(timeout=SOON)
    assert place and read.bounding_box() == pytest.approx(place, abs=1)
    bar.click()
    expect(page.locator(f"#f-{urgent} a")).to_be_focused()
    expect(page.locator(f"#f-{urgent}")).to_be_in_viewport()
    expect(bar).to_be_hidden()


def test_a_late_order_is_marked_by_a_word_and_tells_its_exact_time(page: Page, site: Site, desk: Desk) -> None:
    make(desk, order_id="1001", ship_by=desk.clock() - timedelta(minutes=30))
    page.goto(f"{site.url}/review")
    expect(page.get_by_role("cell", name="Overdue")).to_be_visible()
    expect(page.locator(".cell-ship time")).to_have_attribute("title", re.compile("2026"))


def test_times_are_told_in_the_zone_of_the_browser_by_the_server_too(
    chromium: Browser, site: Site, desk: Desk
) -> None:
    failure = make(desk, order_id="1001")  # at 09:00 in UTC
    context = chromium.new_context(locale="en", timezone_id="Asia/Yekaterinburg")
    page = context.new_page()
    sign_in(page, site)  # a script has told the zone from now on
    text = context.request.get(f"{site.url}/failures/{failure}").text()
    assert {written[-5:] for written in re.findall(r"<time[^>]*>([^<]+)</time>", text)} == {"14:00"}
    context.close()
