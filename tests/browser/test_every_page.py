"""Every page that there is: usable by everybody, silent, at home, and light enough."""

from collections.abc import Iterator
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from app.desk import Desk
from tests.browser.accessibility import violations
from tests.browser.conftest import Site, sign_in
from tests.factories import make_order, make_shop, make_stock
from tests.filled import ORDER, fill
from tests.pages import addresses

pytestmark = pytest.mark.browser
NOT_IN_THE_MAP = ("/failures?status=sent", "/failures?q=nothing-like-it", "/no-such-page")  # nothing there, not found


@pytest.fixture
def visited(app: Flask, desk: Desk, site: Site) -> list[str]:
    """Fill the desk, and return the address of every page."""
    make_shop(desk)
    make_order(desk, ORDER)
    make_stock(desk, leg=40)
    return [*addresses(app, fill(desk, 3)).values(), *NOT_IN_THE_MAP]


class Ear:
    """Hears what a browser complains of, and whom it asks."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.complaints: list[str] = []
        context.on("console", lambda said: self._expect(said.type != "error", f"{said.text} {said.location}"))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda asked: self._expect(asked.url.startswith((home, "data:")), f"asked {asked.url}"))
        context.on("response", lambda got: self._expect(got.status < 400, f"{got.status} for {got.url}"))

    def _expect(self, fine: bool, fault: str) -> None:
        if not fine:
            self.complaints.append(fault)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme, locale, width", [("light", "en", 1440), ("dark", "ru", 390)])
def test_every_page_is_usable_by_everybody_and_speaks_to_nobody_else(
    chromium: Browser, site: Site, visited: list[str], scheme: Literal["light", "dark"], locale: str, width: int
) -> None:
    context = chromium.new_context(color_scheme=scheme, locale=locale, viewport={"width": width, "height": 900})
    page, faults = context.new_page(), []
    ear = Ear(context, site.url)
    faults += _faults(page, site, "/login", ear)
    sign_in(page, site, "admin")
    for address in visited:
        faults += _faults(page, site, address, ear)
    context.close()
    assert not faults, "\n".join(faults)


def _faults(page: Page, site: Site, address: str, ear: Ear) -> Iterator[str]:
    answer = page.request.get(site.url + address)
    policy = answer.headers["content-security-policy"]
    if "unsafe" in policy:
        yield f"{address}: {policy}"
    if "<html" not in answer.text():
        return  # a part of a page, which comes into a page that is here anyway
    page.goto(site.url + address)
    yield from (f"{address}: {violation}" for violation in violations(page))
    yield from (f"{address}: {said}" for said in ear.complaints if answer.ok or str(answer.status) not in said)
    ear.complaints.clear()
