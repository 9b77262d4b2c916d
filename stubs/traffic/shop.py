"""The shop as traffic sees it: the stubs' addresses, their switches, the queue."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from messaging import Message, MessagingError, open_broker, shop_topology
from stubs.common.calls import Answer, Unreachable, call
from stubs.common.settings import PORTS, Settings
from stubs.common.wire import in_path

log = logging.getLogger(__name__)

REPORTING = ("orders", "warehouse-1", "inventory")
WITH_OUTBOX = ("orders", "payments", "inventory")
TIMEOUT = 60.0  # seconds: flow A with both warehouses away takes most of it


class Shop:
    """Calls the stubs; a call without an answer is counted, not raised."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.unanswered = 0
        self.topology = shop_topology(settings.retry_scale)
        self.broker = open_broker(settings.broker_url, settings.queue_database_url, self.topology)

    @property
    def scale(self) -> float:
        return self.settings.retry_scale

    def call(self, method: str, name: str, path: str, body: Any = None) -> Answer:
        """Call a stub; where no answer comes, the status is 0."""
        try:
            return call(method, self.settings.address(name) + path, body, timeout=TIMEOUT)
        except Unreachable as error:
            self.unanswered += 1
            log.debug("%s", error)
            return Answer(0, None)

    def desk(
        self, method: str, path: str, token: str | None, key: str | None = None, body: bytes | None = None
    ) -> Answer:
        """Call the desk, with the bytes of a body exactly as they are."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": key or ""}
        try:
            return call(method, self.settings.desk_url + path, data=body, headers=headers, timeout=TIMEOUT)
        except Unreachable:
            return Answer(0, None)

    def unreachable(self) -> str | None:
        """Tell in one line what cannot be reached, or None."""
        for name in PORTS:
            if self.call("GET", name, "/healthz").status != 200:
                return f"stub {name} cannot be reached at {self.settings.address(name)}"
        if self.desk("GET", "/healthz", None).status == 0:
            return f"the desk cannot be reached at {self.settings.desk_url}"
        return None

    def service_token(self, service: str) -> str | None:
        """Return a service's token for the desk."""
        return replace(self.settings, name=service).token()

    @contextmanager
    def fault(self, name: str, mode: str, seconds: float) -> Iterator[None]:
        """Set a fault for a block; should we die within it, it ends by itself after `seconds`."""
        self.call("PUT", name, "/_faults", {"mode": mode, "forSeconds": seconds})
        try:
            yield
        finally:
            self.clear(name)

    def clear(self, name: str) -> None:
        """Lift whatever fault is set."""
        self.call("DELETE", name, "/_faults")

    def hits(self, name: str) -> int:
        """Count the calls and messages that met the fault."""
        answer = self.call("GET", name, "/_faults")
        return int(answer.body["hits"]) if answer.status == 200 else 0

    def publish(self, queue: str, body: dict[str, Any], message_id: str) -> bool:
        """Put a message on a queue ourselves, as a foreign publisher would."""
        try:
            self.broker.publish(queue, Message(json.dumps(body).encode(), message_id=message_id))
        except MessagingError as error:
            log.warning("a message could not be published: %s", error)
            return False
        return True

    def reports(self, name: str, after: int = 0) -> list[dict[str, Any]]:
        """List what a stub has reported since.

        Raises:
            Unreachable: it cannot be asked.
        """
        found: list[dict[str, Any]] = []
        while True:
            answer = self.call("GET", name, f"/_reports?after={after}")
            if answer.status != 200:
                raise Unreachable(f"{name} does not tell its reports")
            page = answer.body["items"]
            if not page:
                return found
            found += page
            after = page[-1]["sequence"]

    def last_report(self, name: str) -> int:
        """Return the number of a stub's newest report, 0 where there is none or it cannot be told."""
        answer = self.call("GET", name, f"/_reports?after={2**62}")
        return int(answer.body["last"]) if answer.status == 200 else 0

    def has_reported(self, name: str, after: int, order_id: str) -> bool:
        """Tell whether a stub has reported something about an order since."""
        try:
            return any(json.loads(row["body"]).get("orderId") == order_id for row in self.reports(name, after))
        except Unreachable:
            return False

    def order_status(self, order_id: str) -> str | None:
        """Return an order's status, None where it cannot be told."""
        answer = self.call("GET", "orders", f"/v1/orders/{in_path(order_id)}")
        return str(answer.body["status"]) if answer.status == 200 else None
