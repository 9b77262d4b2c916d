"""What a consumer was asked to do, and how a handler is asked: the same for every broker."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from messaging.broker import Handler
from messaging.message import Delivery, Verdict

log = logging.getLogger(__name__)

BACKOFF_BASE, BACKOFF_CAP = 0.1, 5.0


@dataclass(frozen=True)
class Work:
    """What a consumer was asked to do."""

    queues: Sequence[str]
    handler: Handler
    stop: Event
    batch: int
    paused: Callable[[], bool]

    @property
    def interrupted(self) -> bool:
        return self.stop.is_set() or self.paused()

    def judge(self, deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        """Ask the handler; whatever goes wrong there is a retry of the whole batch."""
        try:
            verdicts = self.handler(deliveries)
            if len(verdicts) != len(deliveries):
                raise ValueError(f"{len(verdicts)} verdicts for {len(deliveries)} deliveries")
        except Exception:
            log.exception("the handler of %s failed; the batch is delivered again", deliveries[0].queue)
            return [Verdict.RETRY] * len(deliveries)
        return verdicts


def backoff(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row: exponential, capped, with full jitter."""
    return random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(failures, 10)))
