"""The tour of the demo: `make run` with its traffic brings three cases, each of which a person puts right."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.timeout(240)]
COMES_UP = 120_000  # milliseconds
SOON = 30_000
PASSWORD = "the password of the tour"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Running]:
    with running("run", tmp_path, DEMO_TRAFFIC="1", DLO_OPERATOR_PASSWORD=PASSWORD) as run:
        yield run


def open_case(page: Page, demo: Running, name: str) -> None:
    page.goto(demo.url)
    page.get_by_role("region", name=name).get_by_role("link", name="Open the case").click(timeout=COMES_UP)


def correct(page: Page) -> None:
    page.get_by_role("button", name="Correct and try again").click()
    expect(page.locator("#state")).to_contain_text("Resolved", timeout=SOON)


def test_three_cases_come_up_by_themselves_and_are_put_right_by_hand(chromium: Browser, demo: Running) -> None:
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(f"{demo.url}/login")
    page.fill("#username", "operator")
    page.fill("#password", PASSWORD)
    page.click("main button")

    open_case(page, demo, "A lost order")
    page.get_by_role("link", name=re.compile("^Take (this )?order")).first.click()
    correct(page)
    open_case(page, demo, "A stock decrement that failed")
    page.get_by_label("Quantity 1").fill("1")
    correct(page)
    open_case(page, demo, "An invalid address")
    page.get_by_label("Shipping address").fill("Тверь, Садовая улица, 5")
    correct(page)

    page.goto(demo.url)
    for name in ("A lost order", "A stock decrement that failed", "An invalid address"):
        expect(page.get_by_role("region", name=name).get_by_role("status")).to_have_text("Done")
    page.get_by_role("button", name="Leave the tour").click()
    expect(page.get_by_role("region", name="A lost order")).to_have_count(0)
    page.get_by_role("button", name="Take the tour of the demo").click()
    expect(page.get_by_role("region", name="A lost order").get_by_role("status")).to_have_text("Done")
    context.close()
