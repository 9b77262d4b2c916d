"""The desk as a person or a program sees it: its API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stubs.common.calls import Answer, call
from tests.e2e.system import ADMIN_TOKEN, System
from tests.e2e.waiting import eventually

Failure = dict[str, Any]


class Desk:
    """A client with the administrator's token."""

    def __init__(self, system: System) -> None:
        self._url = f"{system.desk_url}/api/v1"

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Call the API; `path` begins below `/api/v1`."""
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        return call(method, self._url + path, body, timeout=20, headers=headers)

    def get(self, path: str) -> Any:
        """Read, and expect that it is there."""
        answer = self.call("GET", path)
        assert answer.status == 200, answer
        return answer.body

    def about(self, order_id: str) -> list[Failure]:
        """List what is stored about an order, oldest first."""
        return list(reversed(self.get(f"/failures?orderId={order_id}")["items"]))

    def failure(self, failure_id: str) -> Failure:
        """Return all that is known of a failure."""
        return self.get(f"/failures/{failure_id}")

    def stored(self, order_id: str, *status: str) -> Failure:
        """Wait for the one failure about an order, in one of some statuses if given, and return all of it."""

        def found() -> Failure | None:
            items = self.about(order_id)
            assert len(items) <= 1, items
            ready = [item for item in items if not status or item["status"] in status]
            return self.failure(ready[0]["id"]) if ready else None

        return eventually(found)

    def becomes(self, failure_id: str, status: str, within: float = 30.0) -> Failure:
        """Wait until a failure has a status, and return all of it."""
        eventually(lambda: self.failure(failure_id)["status"] == status or self._dead_end(failure_id, status), within)
        return self.failure(failure_id)

    def tried(self, failure_id: str, outcome: str = "passing") -> Failure:
        """Wait until an attempt has ended with an outcome, and return all of the failure."""
        eventually(lambda: any(attempt["outcome"] == outcome for attempt in self.failure(failure_id)["attempts"]))
        return self.failure(failure_id)

    def act(self, failure_id: str, verb: str, **body: Any) -> Failure:
        """Do what a person does: retry, resolve, discard …"""
        answer = self.call("POST", f"/failures/{failure_id}/{verb}", body)
        assert answer.status == 200, answer
        return answer.body

    @contextmanager
    def paused(self, target: str) -> Iterator[None]:
        """Hold what waits for a target until the end of the block."""
        assert self.call("POST", f"/targets/{target}/pause").status == 200
        try:
            yield
        finally:
            self.call("POST", f"/targets/{target}/resume")

    def _dead_end(self, failure_id: str, wanted: str) -> bool:
        failure = self.failure(failure_id)
        ended = failure["status"] in {"review", "resolved", "discarded"} - {wanted}
        assert not ended, f"{failure['status']}, not {wanted}: {failure['reason']}"
        return False
