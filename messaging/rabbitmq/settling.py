"""Carry verdicts out: acknowledge last, so that whatever dies before brings the message again."""

import logging
from collections.abc import Callable, Sequence

from messaging.broker import MessagingError, Refused
from messaging.deaths import with_death
from messaging.message import Delivery, Verdict
from messaging.rabbitmq.laps import COMPANION, lap
from messaging.rabbitmq.properties import Properties
from messaging.rabbitmq.subscription import Subscription
from messaging.rabbitmq.translating import to_properties
from messaging.topology import Queue
from storage.clock import Clock

log = logging.getLogger(__name__)

Publish = Callable[[str, bytes, Properties], None]


class Settlement:
    """Settles deliveries; copies go by `publish`, over a connection that the consumer does not depend on.

    RabbitMQ reads nothing more from a connection that has published while memory is short, acknowledgements neither.
    """

    def __init__(self, publish: Publish, clock: Clock) -> None:
        self.publish, self.clock = publish, clock

    def settle(self, source: Subscription, deliveries: Sequence[Delivery], verdicts: Sequence[Verdict]) -> None:
        """Carry out one verdict for each delivery; what cannot be settled stays held, for the next round."""
        if all(verdict is Verdict.ACK for verdict in verdicts):
            source.channel.basic_ack(deliveries[-1].tag, multiple=True)
            source.give_back([])
            return
        unsettled: list[Delivery] = []
        can_publish = True
        for delivery, verdict in zip(deliveries, verdicts, strict=True):
            match verdict:
                case Verdict.ACK:
                    source.channel.basic_ack(delivery.tag)
                case Verdict.REJECT if source.queue.dead_letters_to is not None:
                    source.channel.basic_reject(delivery.tag, requeue=False)
                case Verdict.RETRY | Verdict.REJECT if can_publish:
                    can_publish = self._send_round(source, delivery)
                    unsettled += [] if can_publish else [delivery]
                case _:  # a release too: given back to the queue, it would count as delivered
                    unsettled.append(delivery)
        source.give_back(unsettled)

    def _send_round(self, source: Subscription, delivery: Delivery) -> bool:
        try:
            target, properties = self._copy(source.queue, delivery)
        except Refused as error:
            log.warning("a message of %s cannot be copied and goes back at once: %s", delivery.queue, error)
            source.channel.basic_nack(delivery.tag, requeue=True)
            return True
        try:
            self.publish(target, delivery.message.body, properties)
        except MessagingError as error:
            log.warning("a message of %s is not delivered again yet: %s", delivery.queue, error)
            return False
        source.channel.basic_ack(delivery.tag)
        return True

    def _copy(self, queue: Queue, delivery: Delivery) -> tuple[str, Properties]:
        message, now = delivery.message, self.clock()
        if queue.is_spent(delivery.deliveries):
            target, headers = str(queue.dead_letters_to), with_death(message.headers, queue.name, "delivery_limit", now)
        else:
            target, headers = queue.name + COMPANION, lap(message.headers, queue.name, delivery.deliveries)
        return target, to_properties(message, now, headers)
