"""Flow C: Shipping is asked for every reserved order; retries, a breaker, probes, and a person at the end."""

import time
from threading import Event

from pybreaker import CircuitBreakerError
from sqlalchemy import Row
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_when_event_set,
    wait_exponential,
    wait_random,
)

from stubs.common.calls import Answer
from stubs.common.context import Context
from stubs.common.loops import repeat
from stubs.inventory import records
from stubs.inventory.asking import Ledger, ShippingAway, ask_firmly
from stubs.inventory.breaker import PROBES, Breaker

TRIES = 4
FIRST_WAIT = 1.0  # seconds, doubling
JITTER = 0.5  # seconds at most
NEXT_SERIES = 8.0  # seconds: where the doubling would go on after the last try of a series
PAGE = 100  # orders given up in one step
IDLE = 0.1  # seconds between two looks


class ShippingLoop:
    """Sends orders to Shipping; all of its state is in the database."""

    def __init__(self, context: Context, breaker: Breaker) -> None:
        self._context, self._breaker = context, breaker
        self._ledger = Ledger(context)

    def run(self, stop: Event) -> None:
        """Send until `stop` is set."""
        repeat(self.step, stop)

    def step(self) -> float:
        """Do what is due now, for one order; return the seconds to wait."""
        if self._context.faults.is_down():
            return IDLE
        if self._breaker.is_open:
            return self._while_open()
        with self._context.store.read() as session:
            row = records.next_due(session, time.time())
        if row is None:
            return IDLE
        self._send(row)
        return 0.0

    def _send(self, row: Row[tuple[object, ...]]) -> None:
        scale = self._context.scale
        tries = Retrying(
            stop=stop_after_attempt(TRIES) | stop_when_event_set(self._context.stop), reraise=True,
            retry=retry_if_exception_type(ShippingAway),
            wait=wait_exponential(multiplier=FIRST_WAIT * scale) + wait_random(0, JITTER * scale),
            sleep=self._context.pause,
        )
        try:
            answer: Answer = tries(self._breaker.call, lambda: ask_firmly(self._context, row))
        except CircuitBreakerError:
            self._ledger.hold(row, time.time())
        except ShippingAway:
            self._ledger.hold(row, time.time() + NEXT_SERIES * scale)
        else:
            self._ledger.settle(row, answer)

    def _while_open(self) -> float:
        with self._context.store.write() as session:
            records.hold_back(session)
        with self._context.store.read() as session:
            waiting = records.waiting(session, PAGE)
        if self._breaker.failed_probes >= PROBES:
            self._give_up(waiting)
            return 0.0
        if waiting and self._breaker.probe_is_due:
            oldest = waiting[0]
            answer = self._breaker.probe(lambda: ask_firmly(self._context, oldest))
            if answer is not None:
                self._ledger.settle(oldest, answer)
            return 0.0
        return IDLE

    def _give_up(self, waiting: list[Row[tuple[object, ...]]]) -> None:
        # Dying halfway leaves the count of probes as it is: the rest follow after the restart.
        for row in waiting:
            self._ledger.give_up(row)
        if len(waiting) < PAGE:
            self._breaker.forget_probes()
