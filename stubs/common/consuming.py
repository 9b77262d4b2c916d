"""How a stub consumes a queue: faults, malformed messages, and the word to the desk after a replay."""

import logging
from collections.abc import Callable, Sequence
from threading import Event

from messaging import FAILURE_ATTEMPT, FAILURE_ID, Delivery, Message, Verdict
from stubs.common.context import Context

log = logging.getLogger(__name__)

STRUCK = {
    "unavailable": Verdict.RELEASE, "timeout": Verdict.RETRY, "error": Verdict.RETRY, "reject": Verdict.REJECT,
}

HandleOne = Callable[[Delivery], Verdict]
"""Handles one delivery; raises ValueError for a message that can never be processed."""


def consume(context: Context, queue: str, handle: HandleOne, stop: Event) -> None:
    """Consume a queue until `stop` is set; while the stub is down, nothing is taken."""

    def handle_all(deliveries: Sequence[Delivery]) -> list[Verdict]:
        return [handle_one(context, handle, delivery) for delivery in deliveries]

    context.broker.consume([queue], handle_all, stop=stop, paused=context.faults.is_down)


def handle_one(context: Context, handle: HandleOne, delivery: Delivery) -> Verdict:
    """Handle a delivery, unless a fault strikes; confirm it to the desk when the desk has sent it."""
    if mode := context.faults.strike():
        return STRUCK[mode]
    try:
        verdict = handle(delivery)
    except ValueError as error:
        log.warning("a malformed message on %s is rejected: %s", delivery.queue, error)
        return Verdict.REJECT
    if verdict is Verdict.ACK and not context.reporter.confirm(delivery.message):
        return Verdict.RETRY  # the confirmation is not safe yet; the repeat changes nothing but brings it again
    return verdict


def is_replay(message: Message) -> bool:
    """Tell whether the desk has sent the message again: it waits for the word that its work was done."""
    return FAILURE_ID in message.headers


def report_key(base: str, message: Message) -> str:
    """Return the key of a report about a message: each replay of it that fails is a failure of its own."""
    replay = [str(message.headers[name]) for name in (FAILURE_ID, FAILURE_ATTEMPT) if name in message.headers]
    return "-".join([base, *replay])
