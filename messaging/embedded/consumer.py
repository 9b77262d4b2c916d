"""The loop of a consumer: claim a batch, hand it over with no transaction open, settle the verdicts."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from messaging.embedded.claiming import Claims
from messaging.embedded.dying import Expiry
from messaging.embedded.leases import LeaseKeeper
from messaging.embedded.schema import CHANNEL
from messaging.embedded.settling import Settlement
from messaging.message import Delivery, Verdict
from messaging.work import Work, backoff
from storage.waiting import watching

log = logging.getLogger(__name__)

PAUSE_TICK = 0.1


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
                pause = backoff(self.failures)
                log.warning("the queue database failed; on again in %.1f s", pause, exc_info=True)
                self.failures += 1
                self.work.stop.wait(pause)

    def _serve(self) -> None:
        claims, stop = self.claims, self.work.stop
        with watching(claims.store, CHANNEL) as waiting, LeaseKeeper(claims) as keeper:
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
        return self.work.judge(deliveries)

    def _due(self) -> datetime | None:
        moments = [self.expiry.next(), *(self.claims.next(queue) for queue in self.work.queues)]
        return min((moment for moment in moments if moment is not None), default=None)
