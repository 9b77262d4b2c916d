"""What differs from broker to broker when a process dies: where its own points lie, and how time passes in it."""

from pika import spec
from pika.adapters.blocking_connection import BlockingChannel

from app.desk import Desk
from messaging import CONFIRMATIONS, INTAKE
from messaging.embedded import EmbeddedBroker
from messaging.rabbitmq.connection import Link
from tests.crash.killing import Side, at_call, at_commit, at_statement, die
from tests.messaging.rabbitmq_node import RabbitNode
from tests.messaging.rig import eventually

RABBIT_SCALE = 0.1  # on RabbitMQ time is waited for: its 30 s are 3


def acknowledging(desk: Desk, side: Side) -> None:
    """Die before a delivery is acknowledged, or as soon as it is."""
    if isinstance(desk.broker, EmbeddedBroker):
        at_statement(desk.broker.store.engine, "DELETE FROM queue_messages", side)
    else:
        at_call(BlockingChannel, "basic_ack", side)


def publishing(desk: Desk, side: Side) -> None:
    """Die before a message is published, or when it is and its confirmation not read."""
    if isinstance(desk.broker, EmbeddedBroker):
        at_commit(desk.broker.store.engine, 2, side)  # it confirms by its commit; the first prepares its tables
    elif side == "before":
        at_call(Link, "publish", side)
    else:
        spec.Basic.Ack.decode = die  # a publisher is sent no other


def wait_for_returns(node: RabbitNode, queues: list[str]) -> None:
    """Wait until a node knows that those who consumed are dead, and has put back what they held."""
    with node.channel() as channel:
        for queue in (*queues, INTAKE, CONFIRMATIONS):
            eventually(lambda queue=queue: not channel.queue_declare(queue, passive=True).method.consumer_count)
