"""The person at the desk: has tried again what waits for a look."""

import json
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any

from chaos.cases import STOCK
from chaos.ledger import Ledger
from chaos.places import TOKEN

TIMEOUT = 10.0
PAUSE_SECONDS = 4.0


class Person(Thread):
    """Orders a bulk retry now and then; an order that is not answered is not repeated."""

    def __init__(self, port: int, ledger: Ledger) -> None:
        super().__init__(name="person", daemon=True)
        self._port, self._ledger = port, ledger
        self.no_more = Event()

    def run(self) -> None:
        """Work until there shall be no more."""
        while not self.no_more.wait(PAUSE_SECONDS):
            self.retry(filter={"status": "review", "operation": STOCK})

    def retry(self, **which: Any) -> None:
        """Order a bulk retry of the failures of a filter, or of those named."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        body = json.dumps({"action": "retry", "reason": "it should work now"} | which)
        try:
            connection.request("POST", "/api/v1/bulk", body, {
                "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json",
            })
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException):
            return
        finally:
            connection.close()
        if answer.status not in (202, 503):
            self._ledger.wonder(f"a bulk retry was answered with {answer.status}: {text[:300]!r}")
