"""The message queue, for the service and the stubs alike. Knows nothing of `app`."""

from messaging.broker import Broker, BrokerUnavailable, Handler, MessagingError, QueueDiffers, Refused, Unroutable
from messaging.deaths import newest_death, without_death
from messaging.message import FAILURE_ATTEMPT, FAILURE_ID, Death, Delivery, Message, Verdict
from messaging.open import open_broker
from messaging.topology import CONFIRMATIONS, INTAKE, ORDER_CREATED, STATUS, Queue, Topology, shop_topology
from storage import Clock, utcnow

__all__ = [
    "CONFIRMATIONS", "FAILURE_ATTEMPT", "FAILURE_ID", "INTAKE", "ORDER_CREATED", "STATUS",
    "Broker", "BrokerUnavailable", "Clock", "Death", "Delivery", "Handler", "Message", "MessagingError",
    "Queue", "QueueDiffers", "Refused", "Topology", "Unroutable", "Verdict", "newest_death", "open_broker",
    "shop_topology", "utcnow", "without_death",
]
