"""The services: they report their cases again and again until they are told that they are stored, and some twice."""

import json
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from itertools import islice
from random import Random
from threading import Event, Thread
from typing import Any

from chaos.cases import Case
from chaos.ledger import Ledger
from messaging import Broker, MessagingError

TIMEOUT = 10.0
AWAY_SECONDS = 0.1
BATCH, BATCHES = 80, 0.2  # how many in a batch, and how often one is sent
UNANSWERED, TWICE = 0.5, 0.1  # how often what waits goes first, and how often what was answered is sent again


class Sender(Thread):
    """Sends cases in no order: what was not answered waits beside what is new and what is sent twice."""

    def __init__(self, name: str, cases: Iterator[Case], ledger: Ledger, chance: Random, pause: float) -> None:
        super().__init__(name=name, daemon=True)
        self._cases, self._ledger, self._chance, self._seconds = cases, ledger, chance, pause
        self._waiting: list[Case] = []
        self._answered: list[Case] = []
        self.no_more, self.give_up = Event(), Event()

    def run(self) -> None:
        """Send until there shall be no more, and then what still waits."""
        due = time.monotonic()
        while not self.no_more.wait(max(0.0, due - time.monotonic())):
            cases = self._next()
            if not cases:
                break  # all were sent: breaking things took longer than planned
            self._send(cases)
            due += len(cases) * self._chance.expovariate(1 / self._seconds)  # who was held up makes up for it
        while self._waiting and not self.give_up.is_set():
            self._send([self._waiting.pop()])

    def finish(self, end: float) -> None:
        """Wait until all is sent, up to a moment (monotonic seconds); what could not be is no accepted case."""
        self.no_more.set()
        self.join(max(0.0, end - time.monotonic()))
        self.give_up.set()
        self.join()

    def _next(self) -> list[Case]:
        if self._waiting and self._chance.random() < UNANSWERED:
            return [self._waiting.pop(self._chance.randrange(len(self._waiting)))]
        if self._answered and self._chance.random() < TWICE:
            return [self._chance.choice(self._answered)]
        return list(islice(self._cases, self._size()))

    def _size(self) -> int:
        return 1

    def _send(self, cases: Sequence[Case]) -> None:
        raise NotImplementedError

    def _accepted(self, case: Case, failure_id: str | None) -> None:
        self._ledger.accept(case.number, failure_id)
        self._answered.append(case)

    def _unanswered(self, cases: Sequence[Case]) -> None:
        self._waiting.extend(cases)
        self.give_up.wait(AWAY_SECONDS)


class RestSender(Sender):
    """Reports over REST, one at a time or in batches."""

    def __init__(self, port: int, token: str, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def _size(self) -> int:
        return BATCH if self._chance.random() < BATCHES else 1

    def _send(self, cases: Sequence[Case]) -> None:
        try:
            status, answer = self._post_batch(cases) if len(cases) > 1 else self._post(cases[0])
        except (OSError, HTTPException):
            self._connection.close()
            self._unanswered(cases)
            return
        if status == 503:
            self._unanswered(cases)
        elif len(cases) > 1 and status == 200:
            for case, result in zip(cases, answer["results"], strict=True):
                self._judge(case, result["status"], result)
        else:
            self._judge(cases[0], status, answer)

    def _judge(self, case: Case, status: int, answer: Any) -> None:
        if status in (200, 202):
            self._accepted(case, answer["id"])
        else:
            self._ledger.wonder(f"case {case.number} was answered with {status}: {answer}")

    def _post(self, case: Case) -> tuple[int, Any]:
        return self._ask("/api/v1/failures", case.report(), {"Idempotency-Key": case.key})

    def _post_batch(self, cases: Sequence[Case]) -> tuple[int, Any]:
        failures = [case.report() | {"idempotencyKey": case.key} for case in cases]
        return self._ask("/api/v1/failures/batch", {"failures": failures}, {})

    def _ask(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        self._connection.request("POST", path, json.dumps(body), self._headers | headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if answer.status in (200, 202) else text[:300]


class QueueSender(Sender):
    """Reports through the desk's queue, and lets messages die on the shop's."""

    def __init__(self, broker: Broker, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._broker = broker

    def _send(self, cases: Sequence[Case]) -> None:
        try:
            self._broker.publish(*cases[0].message())
        except MessagingError:
            self._unanswered(cases)
        else:
            self._accepted(cases[0], None)
