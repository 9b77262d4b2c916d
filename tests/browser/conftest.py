"""A real Chromium at a desk that really listens."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from waitress.server import create_server

from app.assets import compile_translations
from app.desk import Desk
from tests.web.people import PASSWORDS, make_people

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Site:
    """The desk's pages on a port of their own, until they are stopped."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._server = create_server(app, host="127.0.0.1", port=0, threads=2)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.effective_port}"

    def _serve(self) -> None:
        with suppress(OSError, RuntimeError):  # `stop` closes its sockets while it looks at them
            self._server.run()

    def stop(self) -> None:
        """Listen no more, as if the service were gone."""
        self._server.close()
        self._server.task_dispatcher.shutdown()
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._thread.join(5)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    compile_translations()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask, desk: Desk) -> Iterator[Site]:
    make_people(desk)
    site = Site(app)
    yield site
    site.stop()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    """A page at which a warehouse worker is signed in."""
    page = context.new_page()
    sign_in(page, site)
    return page


def sign_in(page: Page, site: Site, username: str = "operator") -> None:
    """Sign in by the form."""
    page.goto(f"{site.url}/login")
    page.fill("#username", username)
    page.fill("#password", PASSWORDS[username])
    page.click("main button")
    page.wait_for_url(f"{site.url}/")
