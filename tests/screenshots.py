"""Take the pictures of the README: `python -m tests.screenshots` runs the shop, lets orders fail, and looks."""

import base64
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.desk import Desk
from tests.e2e.running import ROOT
from tests.e2e.system import System, whole_system
from tests.e2e.waiting import eventually

FOLDER = ROOT / "docs" / "screenshots"
HEIGHTS = {1440: 900, 390: 844}
QUALITY = 60  # of 100: the text stays sharp, and a dozen weigh less than a megabyte
PASSWORD = "the password of the pictures"
ORDERS = ("--count", "40", "--faults", "0.5", "--seed", "3", "--rate", "20")
FIRST = ("--first", "B5b,A7b,C3")  # a lost order, goods that could not be taken, an invalid address


class Shot(NamedTuple):
    """One picture: of what, how wide, in which language and theme."""

    page: str
    width: int
    language: Literal["en", "ru"]
    scheme: Literal["light", "dark"]

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.page}-{self.width}-{self.language}-{self.scheme}.webp"


SHOTS = (
    Shot("overview", 1440, "en", "light"), Shot("overview", 1440, "ru", "dark"), Shot("overview", 390, "en", "dark"),
    Shot("review", 1440, "en", "dark"), Shot("review", 1440, "ru", "light"), Shot("review", 390, "ru", "light"),
    Shot("case", 1440, "en", "light"), Shot("case", 1440, "ru", "dark"), Shot("case", 390, "ru", "light"),
    Shot("order", 1440, "en", "light"), Shot("groups", 1440, "en", "light"), Shot("queue", 1440, "en", "dark"),
)


def main() -> None:
    """Replace all pictures."""
    with TemporaryDirectory() as folder, _shop(Path(folder)) as system, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        addresses = _addresses(Desk(system))
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for shot in SHOTS:
            shot.file.write_bytes(_picture(browser, system.desk_url, addresses[shot.page], shot))
        browser.close()


@contextmanager
def _shop(folder: Path) -> Iterator[System]:
    with whole_system(folder, DLO_ADMIN_PASSWORD=PASSWORD) as system:
        eventually(system.is_up)
        command = [sys.executable, "-m", "stubs.traffic", *ORDERS, *FIRST]
        subprocess.run(command, cwd=ROOT, env=system.environment, check=True, stdout=subprocess.DEVNULL)
        yield system


def _addresses(desk: Desk) -> dict[str, str]:
    waiting = desk.get("/failures?status=review&limit=100")["items"][::-1]  # the oldest first: those of FIRST
    lost = next(item for item in waiting if item["error"]["type"] == "OrderNotFound")
    known = next(item for item in waiting if item["operation"] == "shipping.prepare")
    return {"overview": "/", "review": "/review", "case": f"/failures/{lost['id']}", "groups": "/groups",
            "order": f"/orders/{known['orderId']}", "queue": "/queues/inventory.order-created.dlq"}


def _picture(browser: Browser, home: str, address: str, shot: Shot) -> bytes:
    context = browser.new_context(
        locale=shot.language, color_scheme=shot.scheme, viewport={"width": shot.width, "height": HEIGHTS[shot.width]}
    )
    page = context.new_page()
    page.goto(f"{home}/login")
    page.fill("#username", "admin")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{home}/")
    page.goto(home + address)
    page.wait_for_load_state("networkidle")
    picture = _captured(page)
    context.close()
    return picture


def _captured(page: Page) -> bytes:
    session = page.context.new_cdp_session(page)  # Playwright's own knows no WebP
    told = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(told["data"])


if __name__ == "__main__":
    main()
