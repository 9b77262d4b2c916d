"""A load generator: a few processes, each with one keep-alive connection over loopback."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context

from bench.rounds import Round

CONNECTIONS = 8
TIMEOUT = 30.0


@dataclass(frozen=True)
class Call:
    """One POST request."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Told:
    """What one connection saw: when it began and ended (monotonic seconds), how long each answer took, what failed."""

    begun: float
    ended: float
    latencies: list[float]
    errors: int


class Generator:
    """Sends calls over `CONNECTIONS` connections at once, each waiting for its answer."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(CONNECTIONS, mp_context=get_context("spawn"))

    def send(self, port: int, calls: Sequence[Call], *, worth: int = 1) -> Round:
        """Send all calls and measure; each stands for `worth` things done."""
        shares = [calls[start::CONNECTIONS] for start in range(CONNECTIONS)]
        told = list(self._pool.map(_send, [port] * CONNECTIONS, shares))
        latencies = [latency for each in told for latency in each.latencies]
        seconds = max(each.ended for each in told) - min(each.begun for each in told)
        return Round(len(latencies) * worth, seconds, latencies, sum(each.errors for each in told))

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()


def _send(port: int, calls: Sequence[Call]) -> Told:
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    connection.connect()
    latencies, errors, begun = [], 0, time.monotonic()
    for call in calls:
        start = time.monotonic()
        connection.request("POST", call.path, call.body, call.headers)
        answer = connection.getresponse()
        answer.read()
        latencies.append(time.monotonic() - start)
        errors += answer.status not in (200, 202)
    ended = time.monotonic()
    connection.close()
    return Told(begun, ended, latencies, errors)
