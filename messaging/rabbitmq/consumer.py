"""The loop of a consumer: gather a batch, have it handled while the connection is served, settle the verdicts."""

import logging
import time
from collections.abc import Callable, Sequence

from messaging.broker import BrokerUnavailable, MessagingError
from messaging.message import Delivery, Verdict
from messaging.rabbitmq.connection import Link
from messaging.rabbitmq.errors import named_errors
from messaging.rabbitmq.judging import Judging
from messaging.rabbitmq.settling import Settlement
from messaging.rabbitmq.subscription import Subscription
from messaging.work import Work, backoff

log = logging.getLogger(__name__)

TICK = 0.1
GATHER_SECONDS, QUIET_SECONDS = 0.02, 0.004


class Consumer:
    """Serves some queues until it is told to stop, whatever happens to the broker or in the handler."""

    def __init__(self, connect: Callable[[], Link], settlement: Settlement, work: Work) -> None:
        self.connect, self.settlement, self.work = connect, settlement, work
        self.subscriptions: list[Subscription] = []
        self.failures = 0

    def held(self, queue: str) -> int:
        """Count the messages of a queue that are unacknowledged here."""
        return sum(source.held for source in self.subscriptions if source.queue.name == queue)

    def run(self) -> None:
        """Consume until the stop; a connection that fails is replaced, later and later."""
        while not self.work.stop.is_set():
            try:
                with named_errors(), self.connect() as link:
                    self._serve(link)
            except MessagingError as error:
                self._back_off("%s", error)
            except Exception:
                self._back_off("the consumer failed", exc_info=True)

    def _back_off(self, words: str, *values: object, exc_info: bool = False) -> None:
        pause = backoff(self.failures)
        log.warning(words + "; on again in %.1f s", *values, pause, exc_info=exc_info)
        self.failures += 1
        self.work.stop.wait(pause)

    def _serve(self, link: Link) -> None:
        while not self.work.stop.is_set():
            if self.work.paused():
                link.process(TICK)
            else:
                self._consume(link)

    def _consume(self, link: Link) -> None:
        queues, batch = self.work.queues, self.work.batch
        link.require(queues)
        self.subscriptions = [Subscription(link.connection, link.topology[queue], batch) for queue in queues]
        try:
            while not self.work.interrupted:
                self._round(link)
                self.failures = 0
        finally:
            for source in self.subscriptions:
                source.close()
            self.subscriptions = []

    def _round(self, link: Link) -> None:
        link.process(0 if any(source.waiting for source in self.subscriptions) else TICK)
        for source in self.subscriptions:
            if source.cancelled:  # pika tells it by nothing else
                raise BrokerUnavailable(f"RabbitMQ: the queue {source.queue.name!r} was deleted or moved")
            if source.waiting:
                self._serve_batch(link, source)

    def _serve_batch(self, link: Link, source: Subscription) -> None:
        self._gather(link, source)
        deliveries = source.take()
        verdicts = self._judge(link, deliveries)
        if self.work.interrupted:
            source.cancel()  # before room for more is made: what came in now would only go back, and be counted
        self.settlement.settle(source, deliveries, verdicts)

    def _gather(self, link: Link, source: Subscription) -> None:
        deadline, before = time.monotonic() + GATHER_SECONDS, 0
        # As long as they come in: who waits for a single one is not to wait for a batch.
        while before < len(source.waiting) < source.batch and (left := deadline - time.monotonic()) > 0:
            before = len(source.waiting)
            link.process(min(left, QUIET_SECONDS))

    def _judge(self, link: Link, deliveries: Sequence[Delivery]) -> Sequence[Verdict]:
        if self.work.interrupted:
            return [Verdict.RELEASE] * len(deliveries)
        judging = Judging(self.work, deliveries, wake=link.wake)
        judging.start()
        try:
            while not judging.done.is_set():
                link.process(TICK)
        finally:
            judging.join()  # when the connection is lost, too: a handler never runs twice at once
        return judging.verdicts
