"""The settings choose the broker."""

from pathlib import Path

import pytest

from messaging import INTAKE, Message, open_broker, shop_topology
from messaging.rabbitmq import RabbitBroker


def test_the_embedded_broker_keeps_its_messages_over_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/queue.db"
    broker = open_broker("embedded", url, shop_topology())
    broker.publish(INTAKE, Message(b"{}"))
    broker.close()
    broker = open_broker("embedded", url, shop_topology())
    assert broker.depth(INTAKE) == 1
    broker.close()


@pytest.mark.parametrize("url", ["amqp://localhost", "amqps://someone:hidden@broker.example/shop?heartbeat=10"])
def test_rabbitmq_is_not_connected_to_before_it_is_used(url: str) -> None:
    broker = open_broker(url, "sqlite://", shop_topology())
    assert isinstance(broker, RabbitBroker)
    broker.close()


@pytest.mark.parametrize("url", ["amqp://localhost:port", "amqp://localhost?heartbeat=often", "rabbit", ""])
def test_another_broker_is_refused_by_the_name_of_its_setting(url: str) -> None:
    with pytest.raises(ValueError, match="DLO_BROKER_URL"):
        open_broker(url, "sqlite://", shop_topology())
