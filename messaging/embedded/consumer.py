"""The loop of a consumer: claim a batch, hand it over with no transaction open, settle the verdicts."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from messaging.broker import Handler
from messaging.embedded.claiming import Claims
from messaging.embedded.dying import Expiry
from messaging.embedded.leases import LeaseKeeper
from messaging.embedded.settling import Settlement
from messaging.message import Delivery, Verdict
from storage.waiting import watching

log = logging.getLogger(__name__)

BACKOFF_BASE, BACKOFF_CAP = 0.1, 5.0
PAUSE_TICK = 0.1


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


class Consumer:
    """Serves some queues until it is told to stop, whatever happens to the database or in the handler."""

    def __init__(self, claims: Claims, settlement: Settlement, expiry: Expiry, work: Work) -> None:
        self.claims, self.settlement, self.expiry, self.work = claims, settlement, expiry, work
        self.failures = 0

    def run(self, prepare: Callable[[], None]) -> None:
        """Consume until the stop; `prepare` comes before the first look at a queue and after a failure."""
        while not self.work.stop.is_set():
            try:
                prepare()
                self._serve()
            except Exception:
                pause = random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2**self.failures))
                log.warning("the queue database failed; on again in %.1f s", pause, exc_info=True)
                self.failures += 1
                self.work.stop.wait(pause)

    def _serve(self) -> None:
        claims, stop = self.claims, self.work.stop
        with watching(claims.store, claims.clock) as waiting, LeaseKeeper(claims) as keeper:
            while not stop.is_set():
                self.expiry.sweep()
                if self.work.paused():
                    stop.wait(PAUSE_TICK)
                elif not self._round(keeper):
                    waiting.until(self._due(), stop)
                self.failures = 0

    def _round(self, keeper: LeaseKeeper) -> bool:
        served = [self._serve_batch(queue, keeper) for queue in self.work.queues]
        return any(served)

    def _serve_batch(self, queue: str, keeper: LeaseKeeper) -> bool:
        deliveries = self.claims.claim(queue, self.work.batch)
        if deliveries:
            with keeper.holding(deliveries):
                verdicts = self._judge(deliveries)
            in_time = self.settlement.settle(deliveries, verdicts)
            if in_time < len(deliveries):
                log.warning("%d leases on %s had run out: delivered again", len(deliveries) - in_time, queue)
        return bool(deliveries)

    def _judge(self, deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        if self.work.interrupted:
            return [Verdict.RELEASE] * len(deliveries)
        try:
            verdicts = self.work.handler(deliveries)
            if len(verdicts) != len(deliveries):
                raise ValueError(f"{len(verdicts)} verdicts for {len(deliveries)} deliveries")
        except Exception:
            log.exception("the handler of %s failed; the batch is delivered again", deliveries[0].queue)
            return [Verdict.RETRY] * len(deliveries)
        return verdicts

    def _due(self) -> datetime | None:
        moments = [self.expiry.next(), *(self.claims.next(queue) for queue in self.work.queues)]
        return min((moment for moment in moments if moment is not None), default=None)
