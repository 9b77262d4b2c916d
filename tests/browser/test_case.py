"""The main task as a person does it: a case is found, corrected, tried again, and seen to be put right."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.desk import Desk
from app.domain.remedy import ORDERS_DATABASE
from app.ids import new_id
from app.services import retrying
from tests import looking
from tests.browser.accessibility import violations
from tests.browser.conftest import Site, sign_in
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure, make_order, make_shop, make_stock
from tests.http_server import by_path, serving

pytestmark = pytest.mark.browser
SOON = 8_000  # milliseconds: a case refreshes every 2 s, on a machine that is busy with other tests
SHIP = "/v1/reservations/536365/ship"
MOST_TABS = 120  # presses; a page on which a control is further away is not for keyboards


@pytest.fixture
def environment(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    with serving(by_path({SHIP: {"orderId": "536365", "status": "shipping"}})) as inventory:
        yield environment | {"DLO_TARGETS": json.dumps({
            "inventory": inventory.url,
            "orders-db": environment["ORDERS_DATABASE_URL"], "warehouse-db": environment["WAREHOUSE_DATABASE_URL"],
        })}


@pytest.fixture
def lost(desk: Desk) -> str:
    """A payment for order 536356, which Orders knows as 536365."""
    make_shop(desk)
    make_order(desk, "536365", status="reserved")
    return make_failure(desk, id=new_id(), status="review", source="orders", operation="order.status",
                        error_type="OrderNotFound", order_id="536356", remedy=ORDER_STATUS | {"orderId": "536356"})


def context_of(chromium: Browser, locale: str = "en", script: bool = True, width: int = 1280) -> BrowserContext:
    size = {"width": width, "height": 800}
    return chromium.new_context(locale=locale, java_script_enabled=script, viewport=size, has_touch=width < 500)  # type: ignore[arg-type]


def assert_put_right(page: Page, desk: Desk, failure: str, words: str = "Resolved") -> None:
    """Let a worker try, and see on the page that it worked: not before."""
    expect(page.locator("#state")).not_to_contain_text(words)
    assert retrying.work(desk, ORDERS_DATABASE, "worker")
    if not page.evaluate("typeof htmx === 'object'"):
        page.reload()
    expect(page.locator("#state")).to_contain_text(words, timeout=SOON)
    assert looking.order_status(desk) == "paid" and looking.outcomes(desk, failure) == ["applied"]


@pytest.mark.parametrize("script, width", [(True, 1280), (True, 390), (False, 390)])
def test_a_lost_order_is_found_corrected_and_seen_resolved_in_four_clicks(
    chromium: Browser, site: Site, desk: Desk, lost: str, script: bool, width: int
) -> None:
    context = context_of(chromium, script=script, width=width)
    page = context.new_page()
    sign_in(page, site)
    page.get_by_role("main").get_by_role("link", name="Needs a person").click()
    page.get_by_role("link", name="Order 536356 was paid, but Orders has no such order.").click()
    page.get_by_role("link", name="Take this order: 536365").click()
    expect(page.locator("#effect")).to_contain_text("Would work now")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Correct and try again").click()
    assert_put_right(page, desk, lost)
    context.close()


def test_a_lost_order_is_put_right_in_russian(chromium: Browser, site: Site, desk: Desk, lost: str) -> None:
    context = context_of(chromium, locale="ru")
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site.url}/review")
    page.get_by_role("link", name="Заказ 536356 оплачен, но в «Заказах» такого заказа нет.").click()
    page.get_by_role("link", name="Это он: выбрать: 536365").click()
    assert violations(page) == []
    expect(page.locator("#effect")).to_contain_text("состояние заказа 536365: зарезервирован → оплачен")
    page.get_by_role("button", name="Исправить и повторить").click()
    assert_put_right(page, desk, lost, "Исправлено")
    context.close()


def test_a_lost_order_is_put_right_by_the_keyboard_alone(page: Page, site: Site, desk: Desk, lost: str) -> None:
    page.goto(f"{site.url}/review")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/failures/*")
    tab_to(page, page.get_by_role("searchbox", name="Look for another"))
    page.keyboard.type("536365")
    found = page.locator("#matches").get_by_role("link", name="Take this order: 536365")
    expect(found).to_be_visible(timeout=SOON)
    tab_to(page, found)
    page.keyboard.press("Enter")
    expect(page.locator("#effect")).to_contain_text("Would work now", timeout=SOON)
    tab_to(page, page.get_by_role("button", name="Correct and try again"))
    page.keyboard.press("Enter")
    assert_put_right(page, desk, lost)


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is out of a keyboard's reach")


def test_enter_in_a_field_shows_the_effect_and_does_nothing(page: Page, site: Site, desk: Desk, lost: str) -> None:
    page.goto(f"{site.url}/failures/{lost}")
    page.get_by_label("Order number", exact=True).fill("536365")
    page.get_by_label("Order number", exact=True).press("Enter")
    expect(page.locator("#effect")).to_contain_text("Would work now", timeout=SOON)
    assert looking.failure(desk, lost).version == 1


def test_an_invalid_address_is_corrected_and_sent_again(page: Page, site: Site, desk: Desk) -> None:
    make_shop(desk)
    make_order(desk, "536365", shipping_address="Москва, Тверская 1")
    remedy = {"type": "http_request", "target": "inventory", "method": "POST", "path": SHIP,
              "body": {"shippingAddress": "???"}}
    failure = make_failure(desk, status="review", source="inventory", operation="shipping.prepare", kind="http",
                           error_status=400, error_message="Invalid shipping address", remedy=remedy)
    page.goto(f"{site.url}/failures/{failure}")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Shipping did not take order 536365: its address is not valid.")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_label("Shipping address")).to_have_value("Москва, Тверская 1")
    page.get_by_label("Shipping address").fill("Москва, Тверская 1, кв. 5")
    page.get_by_role("button", name="Correct and try again").click()
    assert retrying.work(desk, "inventory", "worker")
    expect(page.locator("#state")).to_contain_text("Resolved", timeout=SOON)
    after = looking.failure(desk, failure).remedy
    assert after and after["body"] == {"shippingAddress": "Москва, Тверская 1, кв. 5"}


def test_only_what_is_there_is_taken(page: Page, site: Site, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=3)
    failure = make_failure(desk, remedy=STOCK_DECREMENT, status="review")
    page.goto(f"{site.url}/failures/{failure}")
    expect(page.get_by_label("Quantity 1")).to_have_accessible_description("only 3 in stock")
    page.get_by_label("Why (kept in the history)").first.fill("the rest is broken")
    page.get_by_role("button", name="Only what is there").click()
    expect(page.get_by_label("Quantity 1")).to_have_value("3")
    expect(page.locator("#effect")).to_contain_text("stock of leg: 3 → 0")
    expect(page.get_by_role("button", name="Only what is there")).to_be_focused()
    expect(page.get_by_label("Why (kept in the history)").first).to_have_value("the rest is broken")
    expect(page).to_have_url(f"{site.url}/failures/{failure}")
    assert violations(page) == []
    page.get_by_role("button", name="Correct and try again").click()
    assert retrying.work(desk, "warehouse-db", "worker")
    expect(page.locator("#state")).to_contain_text("Resolved", timeout=SOON)


def test_of_two_people_on_one_case_the_second_is_told_and_keeps_the_typing(
    chromium: Browser, page: Page, site: Site, desk: Desk, lost: str
) -> None:
    address = f"{site.url}/failures/{lost}"
    context = context_of(chromium, script=False)  # so that only the answer to the click can tell
    second = context.new_page()
    sign_in(second, site, "admin")
    second.goto(f"{address}?orderId=536365")
    second.get_by_label("Why (kept in the history)").first.fill("it is 536365")
    page.goto(address)
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("#state")).to_contain_text("operator has it")
    second.get_by_role("button", name="Correct and try again").click()
    told = second.get_by_role("alert").filter(has_text="Somebody was faster. Nothing was done.")
    expect(told).to_contain_text("operator · Given to operator")
    expect(told).to_contain_text("Needs a person operator has it")
    expect(second.get_by_label("Order number", exact=True)).to_have_value("536365")
    expect(second.get_by_label("Why (kept in the history)").first).to_have_value("it is 536365")
    second.get_by_role("button", name="Correct and try again").click()
    expect(second.locator("#state")).to_contain_text("Waiting for retry")
    context.close()
