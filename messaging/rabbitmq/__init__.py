"""RabbitMQ 3.10 to 4.x, spoken to by pika."""

from messaging.rabbitmq.broker import RabbitBroker

__all__ = ["RabbitBroker"]
