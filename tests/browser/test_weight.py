"""What pages weigh on the wire, as the service sends them and a real browser keeps them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.desk import Desk
from app.wsgi import static_files
from tests.browser.conftest import Site, sign_in
from tests.factories import make_shop
from tests.filled import fill
from tests.pages import addresses
from tests.web.people import make_people

pytestmark = pytest.mark.browser
FIRST_VISIT, PAGE = 400_000, 60_000  # bytes, with all that a page loads
MORE_THAN_A_PAGE = 55


@pytest.fixture
def served(app: Flask, desk: Desk, tmp_path: Path) -> Iterator[Site]:
    """The pages with their static files as the set-up leaves them: compressed."""
    make_people(desk)
    folder = tmp_path / "static"
    shutil.copytree(str(app.static_folder), folder)
    subprocess.run([sys.executable, "-m", "whitenoise.compress", "--quiet", folder], check=True)
    site = Site(static_files(app.wsgi_app, str(folder)))
    yield site
    site.stop()


class Scales:
    """Weighs what a page receives."""

    def __init__(self, page: Page) -> None:
        self._bytes = 0.0
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._add)

    def _add(self, loaded: dict[str, float]) -> None:
        self._bytes += loaded["encodedDataLength"]

    def take(self) -> float:
        """Return how many bytes came since this was last asked."""
        taken, self._bytes = self._bytes, 0.0
        return taken


def test_a_first_visit_and_every_page_after_it_are_light(
    chromium: Browser, served: Site, app: Flask, desk: Desk
) -> None:
    make_shop(desk)
    visited = addresses(app, fill(desk, MORE_THAN_A_PAGE))
    page = chromium.new_context(locale="ru").new_page()
    scales = Scales(page)
    sign_in(page, served, "admin")
    page.wait_for_load_state("networkidle")
    assert 100_000 < scales.take() <= FIRST_VISIT
    weights = {}
    for rule, address in visited.items():
        page.goto(served.url + address)
        page.wait_for_load_state()
        weights[rule] = scales.take()
    page.context.close()
    assert {rule: weight for rule, weight in weights.items() if weight > PAGE} == {}
    assert weights["/failures"] > 2_000  # that is, something was weighed
