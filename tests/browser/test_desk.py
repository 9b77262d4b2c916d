"""What only a browser can show: parts that refresh themselves, without disturbing whoever reads or types."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from app.desk import Desk
from app.ids import new_id
from app.services import review
from tests.browser.conftest import Site, sign_in
from tests.factories import ORDER_STATUS, STOCK_DECREMENT, make_failure, make_shop, make_stock

pytestmark = pytest.mark.browser
SOON = 8_000  # milliseconds: a list refreshes within 5 s, on a machine that is busy with other tests


def make(desk: Desk, **columns: object) -> str:
    return make_failure(desk, id=new_id(), **columns)


def test_a_list_refreshes_itself_and_keeps_what_is_selected(page: Page, site: Site, desk: Desk) -> None:
    first = make(desk, status="review", order_id="1001")
    page.goto(f"{site.url}/review")
    page.check(f'#f-{first} input[name="ids"]')
    page.fill("#bulk-assignee", "anna")
    second = make(desk, status="review", order_id="1002")
    expect(page.locator(f"#f-{second}")).to_be_visible(timeout=SOON)
    expect(page.locator(f'#f-{first} input[name="ids"]')).to_be_checked()
    expect(page.locator(f'#f-{second} input[name="ids"]')).not_to_be_checked()
    expect(page.locator("#bulk-assignee")).to_have_value("anna")


def test_an_open_case_tells_what_changed_and_leaves_what_is_typed_alone(page: Page, site: Site, desk: Desk) -> None:
    failure = make(desk, remedy=ORDER_STATUS, status="review")
    page.goto(f"{site.url}/failures/{failure}")
    page.fill("#note", "half a sen")
    review.assign(desk, failure, actor="admin", assignee="admin")
    expect(page.locator("#stale")).to_be_visible(timeout=SOON)
    expect(page.locator("#history")).to_contain_text("Given to", timeout=SOON)
    expect(page.locator("#note")).to_have_value("half a sen")
    expect(page.locator("#note")).to_be_focused()


def test_it_says_when_the_service_is_gone(page: Page, site: Site, desk: Desk) -> None:
    page.goto(f"{site.url}/review")
    expect(page.locator("#gone")).to_be_hidden()
    site.stop()
    expect(page.locator("#gone")).to_contain_text("The service does not answer", timeout=SOON)


def test_a_signed_out_page_says_so_and_stays(page: Page, site: Site, desk: Desk) -> None:
    failure = make(desk, remedy=ORDER_STATUS, status="review")
    page.goto(f"{site.url}/failures/{failure}")
    page.fill("#note", "words")
    page.context.clear_cookies()
    expect(page.locator("#gone")).to_contain_text("You are signed out", timeout=SOON)
    expect(page.locator("#note")).to_have_value("words")


def test_signing_in_again_loses_nothing_and_no_effect_of_before_stays(page: Page, site: Site, desk: Desk) -> None:
    make_shop(desk)
    make_stock(desk, leg=40)
    remedy = STOCK_DECREMENT | {"components": [{"componentId": "leg", "quantity": 400}]}
    failure = make(desk, remedy=remedy, status="review")
    page.goto(f"{site.url}/failures/{failure}")
    page.get_by_label("Quantity 1").fill("4")
    expect(page.locator("#effect")).to_contain_text("Would work now", timeout=SOON)
    page.context.clear_cookies()
    page.get_by_label("Quantity 1").fill("3")
    expect(page.locator("#effect")).to_contain_text("is not known just now", timeout=SOON)
    expect(page.locator("#effect")).not_to_contain_text("Would work now")
    expect(page.locator("#gone")).to_contain_text("You are signed out")
    other = page.context.new_page()
    sign_in(other, site)
    expect(page.locator("#gone")).to_be_hidden(timeout=SOON)
    page.get_by_role("button", name="Look at the effect first").click()
    page.get_by_role("button", name="Do it now").click()
    expect(page.get_by_label("Quantity 1")).to_have_value("3")
    expect(page.locator("#effect ins").filter(has_text="37")).to_be_visible()


def test_hostile_text_starts_no_request_and_no_script(page: Page, site: Site, desk: Desk) -> None:
    hostile = "<button hx-get='/steal' hx-trigger='load'>x</button><img src=/steal onerror='fetch(\"/steal\")'>"
    failure = make(desk, status="review", error_message=hostile, reason=hostile, order_id=hostile[:200])
    review.comment(desk, failure, actor="admin", text=hostile)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for address in (f"/failures/{failure}", "/review", "/failures"):
        page.goto(site.url + address)
        with page.expect_response(lambda response: "HX-Request" in response.request.headers
                                  or "hx-request" in response.request.headers, timeout=SOON):
            pass  # one poll has come back and was looked at
    assert requests and not [url for url in requests if "steal" in url]


BRIGHTNESS = """() => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data[1];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_the_policy_is_obeyed_and_a_phone_is_wide_enough(
    chromium: Browser, site: Site, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800}, locale="ru")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, site)
    for address in ("/", "/review", "/failures", "/groups", "/queues", "/targets"):
        page.goto(site.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    assert (page.evaluate(BRIGHTNESS) > 128) is (scheme == "light")
    assert complaints == []
    context.close()
