"""What a service holds: report an error, confirm a replayed message."""

import json
import logging
import re
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from reporter.desk import FAILURES, Desk, Token, Wait
from reporter.outbox import Entry, Outbox, usable_key
from reporter.report import Kind, Problem, Report
from reporter.sender import Sender
from storage import Store

log = logging.getLogger("reporter")

# The wire's names, as the desk writes them on a message that it sends again.
FAILURE_ID = "x-failure-id"
FAILURE_ATTEMPT = "x-failure-attempt"

LAST_RESORT = (1.0, 2.0)  # seconds for a direct request while the caller waits


class Replayed(Protocol):
    """A message with its headers, of whatever broker."""

    @property
    def headers(self) -> Mapping[str, Any]: ...


class Reporter:
    """Report errors as `source` to the desk at `url`, through an outbox in the service's own `store`.

    `token` may be a function, so that a rotated token needs no restart; `pace` multiplies the waits between
    repeats.
    """

    def __init__(self, url: str, token: Token, source: str, store: Store, *, pace: float = 1.0) -> None:
        self._source = source
        self._desk = Desk(url, token)
        self._last_resort = Desk(url, token)  # callers are other threads than the sender
        self.outbox = Outbox(store)
        self._sender = Sender(self.outbox, self._desk, pace)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._create()

    def start(self) -> None:
        """Begin to send, in a thread of its own."""
        target = self._sender.run
        self._thread = threading.Thread(target=target, args=(self._stop,), name="reporter", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the sending within `timeout` seconds; what is not sent stays in the outbox."""
        self._stop.set()
        self._sender.wake.set()
        if self._thread is not None:
            self._thread.join(timeout)
        self._desk.close()
        self._last_resort.close()

    def report(
        self,
        error: BaseException | Problem,
        *,
        operation: str,
        kind: Kind,
        remedy: Mapping[str, Any] | None = None,
        review: bool = False,
        order_id: str | None = None,
        client_id: str | None = None,
        payload: Any = None,
        key: str | None = None,
        ship_by: datetime | None = None,
        occurred_at: datetime | None = None,
        traceparent: str | None = None,
        session: Session | Connection | None = None,
    ) -> bool:
        """Report an error once per `key`, within the transaction of `session` if given.

        Never raises. False means that the report is only in memory: what could come again should come again.
        """
        used = usable_key(key or uuid4().hex)
        try:
            report = Report(self._source, Problem.of(error), operation, kind, remedy, review,
                            order_id, client_id, payload, ship_by, occurred_at, traceparent)
            return self._hand_over(Entry(used, FAILURES, report.to_bytes()), session)
        except Exception:
            log.critical("an error could not be reported: %s %s %r", operation, used, error, exc_info=True)
            return False

    def confirm(self, message: Replayed, *, session: Session | Connection | None = None) -> bool:
        """Tell the desk that a message which it sent again has arrived; any other message is ignored.

        Never raises. False means that the confirmation is only in memory.
        """
        failure, attempt = message.headers.get(FAILURE_ID), message.headers.get(FAILURE_ATTEMPT)
        if failure is None:
            return True
        # Anybody may write to a queue: what becomes part of an address must look as the desk writes it.
        if not (re.fullmatch(r"[\da-fA-F-]{1,64}", str(failure), re.ASCII)
                and re.fullmatch(r"\d{1,9}", str(attempt), re.ASCII)):
            log.warning("a message with unreadable replay headers is not confirmed: %r %r", failure, attempt)
            return True
        body = json.dumps({"attempt": int(str(attempt))}).encode("ascii")
        entry = Entry(f"confirm-{failure}-{attempt}", f"{FAILURES}/{failure}/confirm", body)
        try:
            return self._hand_over(entry, session)
        except Exception:
            log.critical("a replayed message could not be confirmed: %s", entry.path, exc_info=True)
            return False

    def knows(self, key: str) -> bool:
        """Tell whether this service has reported an error under `key` before."""
        return self.outbox.knows(key, FAILURES)

    def _create(self) -> None:
        try:
            self.outbox.create()
        except Exception:
            log.critical("the report outbox cannot be created; reports are sent directly", exc_info=True)

    def _hand_over(self, entry: Entry, session: Session | Connection | None) -> bool:
        try:
            self.outbox.add(entry, session)
        except Exception:
            log.exception("the report outbox cannot be written: %s", entry.key)
            return self._without_outbox(entry)
        self._sender.wake.set()
        return True

    def _without_outbox(self, entry: Entry) -> bool:
        answer = self._last_resort.post(entry, LAST_RESORT)
        if isinstance(answer, Wait):
            log.critical("a report is only in memory until the outbox or the desk is back: %r", entry)
            self._sender.keep(entry)
            return False
        return True
