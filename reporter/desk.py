"""One request to the desk, and what its answer means for the line behind it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from reporter.outbox import Answer, Entry

FAILURES = "/api/v1/failures"
REFUSED = {400, 413, 415, 422}
REFUSED_CONFIRMATION = REFUSED | {404, 409}
LONGEST_ANSWER = 65_536  # bytes
LONGEST_WAIT = 3600.0  # seconds that a `Retry-After` may ask for

Token = str | Callable[[], str | None]


@dataclass(frozen=True)
class Wait:
    """The desk did not take an entry now; nothing behind it may pass."""

    reason: str
    retry_after: float | None = None


class Desk:
    """Post entries to the desk at `url`; `token` may be a function, asked again for every request."""

    def __init__(self, url: str, token: Token) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc of the environment between us and the desk

    def post(self, entry: Entry, timeout: tuple[float, float] = (3.0, 10.0)) -> Answer | Wait:
        """Send an entry; `timeout` is for the connection and between two bytes, in seconds."""
        try:
            response = self._session.post(
                self._url + entry.path, data=entry.body, headers=self._headers(entry), timeout=timeout,
                allow_redirects=False, stream=True,
            )
            with response:
                text = response.raw.read(LONGEST_ANSWER, decode_content=True).decode("utf-8", "replace")
        except (requests.RequestException, OSError, ValueError) as error:
            return Wait(f"{type(error).__name__}: {error}")
        except Exception as error:  # urllib3's own errors are not wrapped while a body is read
            return Wait(f"{type(error).__name__}: {error}")
        return understand(entry, response, text)

    def close(self) -> None:
        """Give back connections."""
        self._session.close()

    def _headers(self, entry: Entry) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        headers = {"Content-Type": "application/json", "Idempotency-Key": entry.key}
        return headers | ({"Authorization": f"Bearer {token}"} if token else {})


def understand(entry: Entry, response: requests.Response, text: str) -> Answer | Wait:
    """Tell from status and body whether an entry is done with."""
    status = response.status_code
    if status in (REFUSED if entry.path == FAILURES else REFUSED_CONFIRMATION):
        return Answer("refused", status, text)
    if 200 <= status < 300:
        content = _object(text)
        if entry.path != FAILURES or isinstance(content.get("id"), str):
            return Answer("sent", status, text, content.get("id"), content.get("status"), content.get("url"))
        return Wait(f"{status} without a failure's id: this is not the desk")
    return Wait(f"status {status}", retry_after(response.headers.get("Retry-After")))


def retry_after(value: str | None) -> float | None:
    """Read `Retry-After`, seconds or a date, as seconds from now; None when it says nothing readable."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
