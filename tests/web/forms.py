"""The correction form of a case, filled in and sent as a browser does."""

import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.people import token

ENGLISH = {"Accept-Language": "en"}


def inputs(page: str) -> dict[str, str]:
    """Return what the correction form would send, by name."""
    form = page.split("/correct\"", 1)[1].split("</form>", 1)[0]
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    found += re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', form)
    return {unescape(name): unescape(value) for name, value in found}


def press(client: FlaskClient, address: str, page: TestResponse, act: str, **changes: str) -> TestResponse:
    """Send the correction form of a page as a button of it would."""
    typed = inputs(page.text) | {"csrf_token": token(page)} | changes
    return client.post(f"{address}/{act}", data=typed, headers=ENGLISH)


def opened(client: FlaskClient, failure: str, query: str = "") -> TestResponse:
    """Open a case in English."""
    return client.get(f"/failures/{failure}{query}", headers=ENGLISH)
