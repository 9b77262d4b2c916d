"""The message queue, for the service and the stubs alike. Knows nothing of `app`."""

from messaging.broker import Broker, BrokerUnavailable, Handler, MessagingError, Refused, Unroutable
from messaging.message import FAILURE_ATTEMPT, FAILURE_ID, Death, Delivery, Message, Verdict
from messaging.topology import CONFIRMATIONS, INTAKE, ORDER_CREATED, STATUS, Queue, Topology, shop_topology

__all__ = [
    "CONFIRMATIONS", "FAILURE_ATTEMPT", "FAILURE_ID", "INTAKE", "ORDER_CREATED", "STATUS",
    "Broker", "BrokerUnavailable", "Death", "Delivery", "Handler", "Message", "MessagingError",
    "Queue", "Refused", "Topology", "Unroutable", "Verdict", "shop_topology",
]
