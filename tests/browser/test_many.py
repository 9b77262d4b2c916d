"""Acts on many as a person does them: planned, confirmed, watched, stopped, tried again; a worker runs beside."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import text

from app.config import Settings
from app.desk import Desk, open_desk
from app.ids import new_id
from app.services import bulk, retrying
from messaging import FAILURE_ID, Message
from tests.browser.conftest import Site, sign_in
from tests.e2e.waiting import eventually
from tests.factories import STOCK_DECREMENT, make_failure, make_shop, make_stock

pytestmark = pytest.mark.browser
SOON = 30_000  # milliseconds: an operation's page refreshes every 2 s, on a machine that is busy with other tests
DEAD = "orders.status.dlq"


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """A desk by the real clock, on the real built-in queue."""
    desk = open_desk(settings)
    make_shop(desk)
    yield desk
    desk.close()


@contextmanager
def worker(desk: Desk) -> Iterator[None]:
    """Work off what is due until the block ends."""
    stop = Event()

    def work() -> None:
        while not stop.wait(0.05):
            bulk.run_some(desk)
            for target in ("warehouse-db", "orders.status"):
                retrying.work(desk, target, "worker")

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def make_scarce(desk: Desk, number: int, source: str = "warehouse") -> None:
    for _ in range(number):
        make_failure(desk, remedy=STOCK_DECREMENT | {"operationId": new_id()}, status="review", source=source)


def restock(desk: Desk, leg: int) -> None:
    with desk.targets.store("warehouse-db").connect() as connection:
        connection.execute(text("UPDATE components SET available = :leg"), {"leg": leg})


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def confirm(page: Page, number: int) -> None:
    page.get_by_label("Why").fill("The legs have arrived.")
    button(page, f"Do it with all {number}").click()
    page.wait_for_url("**/bulk/*")


def expect_outcomes(page: Page, **numbers: int) -> None:
    for outcome, number in numbers.items():
        expect(page.get_by_role("link", name=f"{outcome.title()} {number}")).to_be_visible(timeout=SOON)


def test_a_group_is_retried_stops_by_itself_goes_on_and_only_those_that_failed_are_tried_again(
    page: Page, site: Site, desk: Desk
) -> None:
    make_stock(desk, leg=4)
    make_scarce(desk, 10)
    page.goto(f"{site.url}/groups")
    page.get_by_role("link", name="database is locked").click()
    page.get_by_role("form", name="The whole group").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Try again: 10 failures")).to_be_visible()
    expect(page.get_by_label("How many first, and then")).to_have_value("1, 5")
    with worker(desk):
        confirm(page, 10)
        expect(page.get_by_text("5 of the first 6 failed.")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("Not enough of leg: 4 needed, 0 in stock. (5 times)")).to_be_visible()
        expect_outcomes(page, succeeded=1, failed=5, waiting=4, skipped=0)
        page.get_by_role("link", name="Failed 5").click()
        expect(page.get_by_role("link", name="needs 4 of leg, but only 0 are in stock")).to_have_count(5)
        restock(desk, 1000)
        button(page, "Go on all the same").click()
        expect_outcomes(page, succeeded=5, failed=5, waiting=0)
        expect(page.get_by_role("status").get_by_text("5 succeeded, 5 failed")).to_be_visible()
        button(page, "Try again only the 5 that failed").click()
        expect(page.get_by_role("heading", name="Try again: 5 failures")).to_be_visible()
        confirm(page, 5)
        expect_outcomes(page, succeeded=5, failed=0, waiting=0)


def test_what_stopped_by_itself_is_cancelled_and_a_careless_one_runs_through(
    page: Page, site: Site, desk: Desk
) -> None:
    make_stock(desk, leg=0)
    make_scarce(desk, 8)
    page.goto(f"{site.url}/review")
    with worker(desk):
        button(page, "All 8 that match").click()
        page.get_by_label("How many first, and then").fill("2")
        page.get_by_label("Stop above").fill("50")
        confirm(page, 8)
        expect(page.get_by_text("2 of the first 2 failed.")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("More than 50 % was the line.")).to_be_visible()
        button(page, "Cancel the rest").click()
        expect_outcomes(page, failed=2, skipped=6, waiting=0)
        expect(button(page, "Go on")).to_have_count(0)


def test_the_selected_ones_are_counted_and_none_else_is_touched(page: Page, site: Site, desk: Desk) -> None:
    make_scarce(desk, 3)
    page.goto(f"{site.url}/review")
    boxes = page.get_by_role("checkbox", name="Select: ")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(button(page, "The selected ones…")).to_have_text(re.compile("The selected ones…\\s+2"))
    page.get_by_label("Bulk action").select_option(label="Assign")
    button(page, "The selected ones").click()
    expect(page.get_by_role("heading", name="Assign: 2 failures")).to_be_visible()
    expect(page.get_by_label("To whom")).to_have_value("operator")
    page.get_by_label("To whom").fill("anna")
    with worker(desk):
        confirm(page, 2)
        expect_outcomes(page, succeeded=2, waiting=0)
    page.goto(f"{site.url}/review?assignee=anna")
    expect(page.get_by_role("checkbox", name="Select: ")).to_have_count(2)


def test_all_that_match_a_filter_are_meant_and_what_comes_later_is_offered(
    page: Page, site: Site, desk: Desk
) -> None:
    make_scarce(desk, 60, source="shop")
    make_scarce(desk, 2)
    page.goto(f"{site.url}/review?source=shop")
    expect(page.get_by_text("50 shown of 50+")).to_be_visible()
    page.get_by_label("Bulk action").select_option(label="Discard")
    button(page, "All 50+ that match").click()  # the plan counts to the end
    expect(page.get_by_role("heading", name="Discard: 60 failures")).to_be_visible()
    make_scarce(desk, 3, source="shop")
    with worker(desk):
        confirm(page, 60)
        expect_outcomes(page, succeeded=60, waiting=0)
        button(page, "3 more match since: add them").click()
        expect(page.get_by_role("heading", name="Discard: 3 failures")).to_be_visible()
        confirm(page, 3)
        expect_outcomes(page, succeeded=3, waiting=0)
    page.goto(f"{site.url}/review")
    expect(page.get_by_role("checkbox", name="Select: ")).to_have_count(2)


def test_dead_letters_are_stored_looked_at_and_sent_again_with_progress(
    context: BrowserContext, site: Site, desk: Desk
) -> None:
    for number in range(12):
        desk.broker.publish(DEAD, Message(b'{"orderId": "70%02d"}' % number, message_id=f"m-{number}"))
    page = context.new_page()
    sign_in(page, site, "admin")
    page.goto(f"{site.url}/queues/{DEAD}")
    expect(page.get_by_text("Waiting in it: 12")).to_be_visible()
    page.get_by_text("Empty the queue").click()
    page.get_by_label("The queue's name, to be sure").fill(DEAD)
    button(page, "Store and empty").click()
    expect(page.get_by_text("12 messages were stored and taken out.")).to_be_visible()
    button(page, "Send all 12 that need a person again").click()
    expect(page.get_by_text("12 messages go to orders.status")).to_be_visible()
    page.get_by_label("At most so many a second").fill("1.5")
    with worker(desk):
        confirm(page, 12)
        expect(page.get_by_text(re.compile("a second, about .* left"))).to_be_visible(timeout=SOON)
        button(page, "Pause").click()
        expect(page.get_by_role("status").get_by_text("Paused")).to_be_visible()
        button(page, "Go on").click()
        expect_outcomes(page, sent=12, waiting=0)
        expect(page.get_by_text("12 of them: they are put right when their receivers say so.")).to_be_visible()
    sent = desk.broker.peek("orders.status", 20)
    assert len(sent) == 12 and all(FAILURE_ID in message.headers for message in sent)


def test_many_are_resolved_without_a_script_in_plain_forms(chromium: Browser, site: Site, desk: Desk) -> None:
    make_scarce(desk, 3)
    context = chromium.new_context(locale="en", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site.url}/review")
    page.get_by_role("checkbox", name="Select: ").first.check()
    page.get_by_label("Bulk action").select_option(label="Mark as put right")
    button(page, "The selected ones").click()
    page.get_by_label("Why").fill(" ")
    button(page, "Do it with 1").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    with worker(desk):
        page.get_by_label("Why").fill("Counted by hand.")
        button(page, "Do it with 1").click()
        page.wait_for_url("**/bulk/*")
        eventually(lambda: page.reload() and page.get_by_role("link", name="Succeeded 1").count())
    context.close()
