"""HTTP calls between stubs: no proxies, no redirects, always a timeout."""

import json
from dataclasses import dataclass
from typing import Any

import requests


class Unreachable(Exception):
    """No answer: refused, cut off, or not in time."""


class TimedOut(Unreachable):
    """No answer in time; whether the call had an effect is not known."""


@dataclass(frozen=True)
class Answer:
    """What another service said."""

    status: int
    body: Any

    @property
    def error(self) -> str:
        """Return the other side's own words, or its status."""
        words = self.body.get("error") if isinstance(self.body, dict) else None
        return words if isinstance(words, str) else f"status {self.status}"


def call(
    method: str, url: str, body: Any = None, *, timeout: float, headers: dict[str, str] | None = None,
    data: bytes | None = None,
) -> Answer:
    """Send JSON, or `data` as it is, and read the JSON answer.

    `timeout` is in seconds, for the connection and between two bytes.

    Raises:
        TimedOut, Unreachable: no answer.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            response = session.request(
                method, url, json=body, data=data, headers=headers, timeout=timeout, allow_redirects=False)
        except requests.Timeout as error:
            raise TimedOut(f"no answer from {url} within {timeout:g} s") from error
        except requests.RequestException as error:
            raise Unreachable(f"{url} cannot be reached: {error}") from error
    try:
        return Answer(response.status_code, json.loads(response.content))
    except (ValueError, RecursionError):
        return Answer(response.status_code, None)
