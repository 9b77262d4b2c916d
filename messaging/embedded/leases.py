"""Keep leases alive while a handler runs long."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from types import TracebackType

from messaging.embedded.claiming import Claims
from messaging.message import Delivery

log = logging.getLogger(__name__)


class LeaseKeeper:
    """A thread that renews what its consumer holds, three times per lease."""

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.held: Sequence[Delivery] = ()
        self.lock, self.done = Lock(), Event()
        self.thread = Thread(target=self._keep, name="lease-keeper", daemon=True)

    def __enter__(self) -> "LeaseKeeper":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.done.set()
        self.thread.join()

    @contextmanager
    def holding(self, deliveries: Sequence[Delivery]) -> Iterator[None]:
        """Renew the leases of `deliveries` until the block ends."""
        with self.lock:
            self.held = deliveries
        try:
            yield
        finally:
            with self.lock:  # waits for a renewal under way: it must not meet the verdict on the same rows
                self.held = ()

    def _keep(self) -> None:
        period = self.claims.lease.total_seconds() / 3
        while not self.done.wait(period):
            with self.lock:
                self._renew()

    def _renew(self) -> None:
        if not self.held:
            return
        try:
            self.claims.renew(self.held)
        except Exception:  # the next round tries again; when none succeeds, another consumer takes over
            log.warning("leases of %d messages were not renewed", len(self.held), exc_info=True)
