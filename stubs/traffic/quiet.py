"""Wait until nothing is under way any more: outboxes sent, queues drained."""

import time
from collections.abc import Callable
from threading import Event

from messaging import MessagingError
from stubs.common.calls import Unreachable
from stubs.traffic.shop import REPORTING, WITH_OUTBOX, Shop

LOOK = 0.5  # seconds between two looks
TOLD = 5.0  # seconds between two words about it
IN_A_ROW = 3  # quiet looks: a message may be between two queues at any one


def wait_until_quiet(
    shop: Shop, since: dict[str, int], seconds: float, stop: Event, told: Callable[[str], None]
) -> bool:
    """Wait at most `seconds`; tells whether it became quiet."""
    end = time.monotonic() + seconds
    next_word, quiet = time.monotonic() + TOLD, 0
    while time.monotonic() < end:
        under_way = _under_way(shop, since)
        quiet = 0 if under_way else quiet + 1
        if quiet == IN_A_ROW:
            return True
        if time.monotonic() >= next_word:
            told("waiting for " + ", ".join(under_way))
            next_word += TOLD
        if stop.wait(LOOK):
            return False
    return False


def _under_way(shop: Shop, since: dict[str, int]) -> list[str]:
    found = []
    for name in WITH_OUTBOX:
        answer = shop.call("GET", name, "/_outbox")
        if answer.status != 200 or answer.body["unpublished"]:
            found.append(f"the events of {name}")
    for name in REPORTING:
        try:
            is_pending = any(row["state"] == "pending" for row in shop.reports(name, since[name]))
        except Unreachable:
            is_pending = True
        if is_pending:
            found.append(f"the reports of {name}")
    for queue in shop.topology.queues:
        try:
            if depth := shop.broker.depth(queue):
                found.append(f"{depth} on {queue}")
        except MessagingError:
            found.append("the queue")
    return found
